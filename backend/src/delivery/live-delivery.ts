import { type Entry, limits, type Person } from '@sori/contract';
import type { Logger } from 'pino';
import { LRUCache } from 'lru-cache';
import { type Audience, firstSeqOf } from '../core/audience.js';
import type { EntryRow, MemberRow, MessageRow } from '../conversation-log/entries.model.js';
import { type DeliverySubscriber, isolated } from '../conversation-log/stored-entries.js';
import {
  toBareEntry,
  toEntry,
  toHidden,
  toMessage,
  toStoredMessage,
} from '../conversation-log/to-contract.js';
import { hiddenFrom } from '../conversation-log/visibility.js';
import type { Clock } from '../realtime/clock.js';
import type { Emitter } from '../realtime/emitter.js';
import { EmittedSeqs } from './emitted-seqs.js';
import { createReactionPace, type Emission } from './reaction-pace.js';

export interface LiveDeliveryDeps {
  emit: Pick<Emitter, 'toPeople' | 'toPeopleAndTutorials' | 'hasSocket'>;
  /** Its recipients after this change of its members. Answers at once for what this process has just written. */
  audienceOf: (conversationId: string, membersVersion: number) => Audience | Promise<Audience | null>;
  people: (ids: readonly string[]) => Promise<ReadonlyMap<string, Person>>;
  clock: Pick<Clock, 'after'>;
  log: Logger;
}

const name = 'live delivery';

export type LiveDelivery = ReturnType<typeof createLiveDelivery>;

/**
 * Emits each (conversation, seq) to this server's sockets once, whoever stored it and however often. Best effort:
 * who misses it finds the gap and fetches.
 */
export function createLiveDelivery({ emit, audienceOf, people: peopleOf, clock, log }: LiveDeliveryDeps) {
  const emitted = new LRUCache<string, EmittedSeqs>({ max: 50_000 });
  const subscribers: DeliverySubscriber[] = [];
  const pace = createReactionPace(
    (emission) => isolated(log, name, emission.entry, () => emitToAll(emission)),
    clock,
  );

  function emitToAll({ entry, target, audience, people, overtaken }: Emission): void {
    const senderId = entry.senderId.toHexString();
    const blind = hiddenFrom(entry);
    // They follow the log like everybody, and to them it is a place in it.
    if (blind !== undefined) emit.toPeople([blind], 'entry', toHidden(entry));
    const seeing = blind === undefined ? audience : without(audience, blind);
    for (const { userIds, firstSeq } of recipientsOf(entry, target, seeing)) {
      if (entry.kind === 'message') {
        // A tutorial client knows direct conversations only, and appends its own messages from the reply.
        const tutorial = audience.kind === 'direct' ? userIds.filter((id) => id !== senderId) : [];
        const message = firstSeq === 1 ? toStoredMessage(entry) : toMessage(entry, firstSeq);
        emit.toPeopleAndTutorials({ people: userIds, tutorial }, 'newMessage', message);
      } else {
        const targets = new Map(target && [[target.seq, target]]);
        if (!overtaken)
          emit.toPeople(userIds, 'entry', withPeople(toEntry(entry, targets, firstSeq), people));
        else {
          const others = userIds.filter((id) => id !== senderId);
          emit.toPeople(others, 'entry', toBareEntry(entry, targets, firstSeq));
          // Where not all are named, only this shows their other tabs what they chose.
          if (others.length < userIds.length && emit.hasSocket(senderId))
            emit.toPeople([senderId], 'entry', toEntry(entry, targets, firstSeq, senderId));
        }
      }
    }
    for (const { name, delivered } of subscribers) isolated(log, name, entry, () => delivered(entry, seeing));
  }

  /** What waits for its recipients to be known, by conversation: what comes after it waits as well. */
  const waiting = new Map<string, Promise<void>>();

  function emitLater(
    entry: EntryRow,
    target: MessageRow | undefined,
    audience: Promise<Audience | null>,
  ): void {
    const conversationId = entry.conversationId.toHexString();
    const before = waiting.get(conversationId);
    const done = Promise.all([audience, arrivals(entry), before])
      .then(([found, people]) => found && pace({ entry, target, audience: found, people }))
      .catch((error: unknown) =>
        log.warn({ err: error, conversationId }, 'an entry could not be emitted; clients will fetch it'),
      )
      .then(() => {
        if (waiting.get(conversationId) === done) waiting.delete(conversationId);
      });
    waiting.set(conversationId, done);
  }

  /** Thousands are notified of them at the same time: they must not all have to ask who it is. */
  async function arrivals(entry: EntryRow): Promise<Person[] | undefined> {
    if (!brings(entry)) return undefined;
    try {
      const ids = entry.userIds.slice(0, limits.arrivalsDescribed).map((id) => id.toHexString());
      return [...(await peopleOf(ids)).values()];
    } catch {
      // The entry is emitted all the same; whoever shows it asks.
      return undefined;
    }
  }

  function stored(entry: EntryRow, target?: MessageRow): void {
    const conversationId = entry.conversationId.toHexString();
    let seen = emitted.get(conversationId);
    if (!seen) {
      seen = new EmittedSeqs();
      emitted.set(conversationId, seen);
    }
    if (!seen.first(entry.seq)) return;
    const audience = audienceOf(conversationId, entry.membersVersion);
    if (audience instanceof Promise) emitLater(entry, target, audience);
    else if (waiting.has(conversationId)) emitLater(entry, target, Promise.resolve(audience));
    else if (brings(entry)) emitLater(entry, target, Promise.resolve(audience));
    else if (audience.participants.length > limits.membersShown) {
      emitLater(
        entry,
        target,
        acknowledged().then(() => audience),
      );
    } else pace({ entry, target, audience });
  }

  return {
    name,
    stored,
    /** In this order, after the entry itself was emitted. */
    subscribe: (...added: readonly DeliverySubscriber[]): void => void subscribers.push(...added),
  };
}

const brings = (entry: EntryRow): entry is MemberRow =>
  entry.kind === 'member' && (entry.change === 'joined' || entry.change === 'added');

const withPeople = (entry: Entry, people: readonly Person[] = []): Entry =>
  entry.kind === 'member' && people.length > 0 ? { ...entry, people: [...people] } : entry;

/**
 * Hundreds of sockets take some milliseconds, and whoever wrote does not wait for them: the acknowledgement leaves at the end
 * of this turn of the event loop.
 */
const acknowledged = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });

/** An entry's recipients, by how much of what it is about lies within their logs: what is equal is written once only. */
function recipientsOf(
  entry: EntryRow,
  target: MessageRow | undefined,
  audience: Audience,
): { userIds: readonly string[]; firstSeq: number }[] {
  const { participants, members, membersVersion } = audience;
  if (!members) return [{ userIds: participants, firstSeq: 1 }];
  // Who came after the entry finds it in the history, if they may see that.
  const there =
    membersVersion > entry.membersVersion
      ? participants.filter((id) => (members.get(id)?.joinSeq ?? 0) <= entry.seq)
      : participants;
  const message = entry.kind === 'message' ? entry : target;
  const about = ['targetSeq' in entry ? entry.targetSeq : undefined, message?.replyToSeq].filter(
    (seq) => seq !== undefined,
  );
  if (about.length === 0) return [{ userIds: there, firstSeq: 1 }];
  const byView = new Map<number, { userIds: string[]; firstSeq: number }>();
  for (const id of there) {
    const firstSeq = firstSeqOf(audience, id);
    const seen = about.filter((seq) => seq >= firstSeq).length;
    const alike = byView.get(seen);
    if (alike) alike.userIds.push(id);
    else byView.set(seen, { userIds: [id], firstSeq });
  }
  return [...byView.values()];
}

const without = (audience: Audience, userId: string): Audience => ({
  ...audience,
  participants: audience.participants.filter((id) => id !== userId),
});
