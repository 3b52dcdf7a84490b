import { limits } from '@sori/contract';
import type { Logger } from 'pino';
import { LRUCache } from 'lru-cache';
import { type Audience, firstSeqOf } from '../../core/audience.js';
import type { EntryRow, MemberRow, MessageRow, TitleRow } from '../../conversation-log/entries.model.js';
import { isMembership } from '../../conversation-log/membership.js';
import { errorName } from '../../conversation-log/set-aside.js';
import {
  toBareEntry,
  toEntry,
  toHidden,
  toMessage,
  toStoredMessage,
} from '../../conversation-log/to-contract.js';
import type { Clock } from '../../realtime/clock.js';
import type { Emitter } from '../../realtime/emitter.js';
import { createReactionPace, type Emission } from './reaction-pace.js';

export interface LiveDeliveryDeps {
  emit: Pick<Emitter, 'toPeople' | 'toPeopleAndTutorials' | 'hasSocket'>;
  /** Who hears of it after this change of its members. Answers at once for what this process has just written. */
  audienceOf: (conversationId: string, membersVersion: number) => Audience | Promise<Audience | null>;
  /** The first entry of a conversation was told: it begins to exist for its people. */
  begun: (audience: Audience) => void;
  /** A change of a group's members or name was told. */
  membership: (entry: MemberRow | TitleRow, audience: Audience) => void;
  clock: Pick<Clock, 'after'>;
  log: Logger;
}

/** So many seqs are kept singly. Beyond them a repeat is told again, and dropped by who follows the log. */
const remembered = 1_000;

/**
 * Tells each (conversation, seq) to this server's sockets once, whoever published it and however often. Best effort:
 * who misses it finds the gap and fetches.
 */
export function createLiveDelivery({ emit, audienceOf, begun, membership, clock, log }: LiveDeliveryDeps) {
  const told = new LRUCache<string, EmittedSeqs>({ max: 50_000 });
  const pace = createReactionPace(emitSafely, clock);

  /** Whatever is the matter with one entry: it is stored, and those who wait for their answers behind it get them. */
  function emitSafely(telling: Emission): void {
    try {
      emitToAll(telling);
    } catch (error) {
      const { entry } = telling;
      const conversationId = entry.conversationId.toHexString();
      log.error({ conversationId, seq: entry.seq, reason: errorName(error) }, 'an entry could not be told');
    }
  }

  function emitToAll({ entry, target, audience, overtaken }: Emission): void {
    const senderId = entry.senderId.toHexString();
    const blind = entry.hiddenFor?.toHexString();
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
        if (!overtaken) emit.toPeople(userIds, 'entry', toEntry(entry, targets, firstSeq));
        else {
          const others = userIds.filter((id) => id !== senderId);
          emit.toPeople(others, 'entry', toBareEntry(entry, targets, firstSeq));
          // Where not all are named, only this tells their other tabs what they chose.
          if (others.length < userIds.length && emit.hasSocket(senderId))
            emit.toPeople([senderId], 'entry', toEntry(entry, targets, firstSeq, senderId));
        }
      }
    }
    if (isMembership(entry)) membership(entry, audience);
    else if (entry.seq === 1) begun(seeing);
  }

  /** What waits for who hears of it, by conversation: what comes after it waits as well. */
  const waiting = new Map<string, Promise<void>>();

  function emitLater(
    entry: EntryRow,
    target: MessageRow | undefined,
    audience: Promise<Audience | null>,
  ): void {
    const conversationId = entry.conversationId.toHexString();
    const before = waiting.get(conversationId);
    const done = Promise.all([audience, before])
      .then(([found]) => found && pace({ entry, target, audience: found }))
      .catch((error: unknown) =>
        log.warn({ err: error, conversationId }, 'nobody could be told; they will fetch it'),
      )
      .then(() => {
        if (waiting.get(conversationId) === done) waiting.delete(conversationId);
      });
    waiting.set(conversationId, done);
  }

  return function publish(entry: EntryRow, target?: MessageRow): void {
    const conversationId = entry.conversationId.toHexString();
    let seen = told.get(conversationId);
    if (!seen) {
      seen = new EmittedSeqs();
      told.set(conversationId, seen);
    }
    if (!seen.first(entry.seq)) return;
    const audience = audienceOf(conversationId, entry.membersVersion);
    if (audience instanceof Promise) emitLater(entry, target, audience);
    else if (waiting.has(conversationId)) emitLater(entry, target, Promise.resolve(audience));
    else if (audience.participants.length > limits.membersTold) {
      emitLater(
        entry,
        target,
        acknowledged().then(() => audience),
      );
    } else pace({ entry, target, audience });
  };
}

/**
 * Hundreds of sockets take some milliseconds, and whoever wrote does not wait for them: the acknowledgement leaves at the end
 * of this turn of the event loop.
 */
const acknowledged = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });

/** Who hears of an entry, by how much of what it is about lies within their logs: what is equal is written once only. */
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

/**
 * The seqs of one conversation that were told. They come in order, so one stretch without a gap holds almost all of them
 * however many there are; what lies outside it (repeats of what was there before this server started) is kept singly.
 */
class EmittedSeqs {
  private from = 0;
  private to = -1;
  private readonly others = new Set<number>();

  /** True the first time. */
  first(seq: number): boolean {
    if ((seq >= this.from && seq <= this.to) || this.others.has(seq)) return false;
    if (seq === this.to + 1) this.to = seq;
    else if (seq > this.to) {
      // What this stretch began after is below it now, and only a repeat will ask for it.
      this.keep(this.from, this.to);
      this.from = this.to = seq;
    } else this.keep(seq, seq);
    while (this.others.delete(this.to + 1)) this.to += 1;
    return true;
  }

  private keep(from: number, to: number): void {
    for (let seq = Math.max(from, to - remembered + 1); seq <= to; seq += 1) this.others.add(seq);
    for (const oldest of this.others) {
      if (this.others.size <= remembered) break;
      this.others.delete(oldest);
    }
  }
}

const without = (audience: Audience, userId: string): Audience => ({
  ...audience,
  participants: audience.participants.filter((id) => id !== userId),
});
