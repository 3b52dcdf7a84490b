import { asEntry, type Ask, type CatchUp, type Clock, createCatchUp } from '@sori/client';
import type { Conversation, EntriesPage, Entry, Heads, Message } from '@sori/contract';
import type { HeldMessage, View } from './evidence.js';
import { failureOf } from './failure.js';
import { heldOf } from './held.js';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';
import type { Rest } from './rest.js';

export interface FollowDeps {
  device: string;
  userId: string;
  clock: Clock;
  ask: Ask;
  rest: Rest;
  isConnected: () => boolean;
  recorder: Recorder;
  random: Random;
  /** True while what is told may arrive twice, late or not at all. */
  isDisturbed: () => boolean;
}

interface Held {
  fromSeq: number;
  cursor: number;
  messages: Map<number, HeldMessage>;
}

const snapshotSize = 100;
const snapshotRetryMs = 1_500;
const latestMs = 900;
const chances = { lost: 0.01, twice: 0.08, late: 0.15 };

export type Follow = ReturnType<typeof createFollow>;

/** What one device holds of its conversations: the client's follower above, a plain picture of the messages below. */
export function createFollow(deps: FollowDeps) {
  const { device, userId, clock, ask, rest, isConnected, recorder, random, isDisturbed } = deps;
  const held = new Map<string, Held>();
  /** These begin with the newest page instead of the beginning of the log. */
  const withSnapshot = new Set<string>();
  let snapshotsPreferred = false;
  let catchUp = follow();
  let stopped = false;

  function follow(): CatchUp {
    return createCatchUp({
      clock,
      isConnected,
      fetchEntries,
      applied: (conversationId, entries) => {
        for (const entry of entries) apply(conversationId, entry);
      },
      describe: (conversationId) => queueMicrotask(() => void describe(conversationId)),
      startedOver: (conversationId) => {
        held.delete(conversationId);
        withSnapshot.add(conversationId);
        recorder.count('started over');
      },
      begun: (conversationId) => held.set(conversationId, { fromSeq: 1, cursor: 0, messages: new Map() }),
      gone: (conversationId) => {
        held.delete(conversationId);
        if (!recorder.isGroup(conversationId))
          recorder.notice({ rule: 'I11', what: `${device} was told that ${conversationId} is gone` });
      },
      // For who keeps what was told: these keep nothing.
      epochTold: () => undefined,
      epochChanged: () =>
        recorder.notice({ rule: 'I4', what: `${device} was told another epoch: nobody restored a database` }),
    });
  }

  async function fetchEntries(asked: {
    conversationId: string;
    after: number;
    limit: number;
    epoch?: string | undefined;
    targets: 'once';
  }): Promise<EntriesPage> {
    const { conversationId, after, epoch, targets } = asked;
    const floor = recorder.floorOf(conversationId);
    // Small pages, too, so that there are seams between them.
    const limit = random.chance(0.3) ? random.whole(1, 20) : asked.limit;
    let entries: EntriesPage;
    if (random.chance(0.3)) {
      const query = `after=${after}&limit=${limit}&targets=${targets}${epoch === undefined ? '' : `&epoch=${epoch}`}`;
      entries = (await rest('GET', `/api/conversations/${conversationId}/entries?${query}`))
        .body as EntriesPage;
    } else {
      entries = await ask('entries:after', {
        conversationId,
        after,
        limit,
        targets,
        ...(epoch === undefined ? {} : { epoch }),
      });
    }
    recorder.count('pages fetched');
    for (const entry of entries.entries) recorder.entryCame(userId, entry);
    if (entries.reset)
      recorder.notice({ rule: 'I4', what: `${device}, at ${after} of ${conversationId}, was told to reset` });
    if (!entries.reset && entries.headSeq < floor)
      recorder.notice({
        rule: 'visible',
        what: `a page of ${conversationId} says headSeq ${entries.headSeq} after ${floor} was acknowledged`,
      });
    const begin = entries.tooLong ? (entries.entries[0]?.seq ?? 1) - 1 : after;
    entries.entries.forEach((entry, index) => {
      if (entry.seq !== begin + 1 + index)
        recorder.notice({ rule: 'I1', what: `a page of ${conversationId} after ${after} has a hole` });
    });
    return entries;
  }

  async function describe(conversationId: string): Promise<void> {
    if (stopped) return;
    const known = held.get(conversationId);
    if (known) catchUp.described(conversationId, known.cursor);
    else if (withSnapshot.has(conversationId) || snapshotsPreferred) await takeSnapshot(conversationId);
    else {
      held.set(conversationId, { fromSeq: 1, cursor: 0, messages: new Map() });
      catchUp.described(conversationId, 0);
    }
  }

  async function takeSnapshot(conversationId: string): Promise<void> {
    const current = catchUp;
    try {
      const { headSeq } = (await rest('GET', `/api/conversations/${conversationId}`)).body as Conversation;
      const history = (await rest('GET', `/api/messages/${conversationId}?limit=${snapshotSize}`))
        .body as Message[];
      if (current !== catchUp || stopped || held.has(conversationId)) return;
      for (const message of history) recorder.messageCame(userId, message);
      held.set(conversationId, {
        fromSeq: history.length < snapshotSize ? 1 : (history[0]?.seq ?? 1),
        cursor: headSeq,
        messages: new Map(history.map((message) => [message.seq, heldOf(message)])),
      });
      withSnapshot.delete(conversationId);
      recorder.count('snapshots taken');
      catchUp.described(conversationId, headSeq);
    } catch (thrown) {
      if (failureOf(thrown).then === 'give up') {
        // Out of the group: there is nothing to be had, and whoever is taken in again begins anew.
        if (current === catchUp && !held.has(conversationId)) catchUp.forget(conversationId);
        return;
      }
      clock.after(snapshotRetryMs, () => {
        if (current === catchUp && !stopped && !held.has(conversationId)) void takeSnapshot(conversationId);
      });
    }
  }

  function apply(conversationId: string, entry: Entry): void {
    const known = held.get(conversationId);
    if (!known) {
      recorder.notice({ rule: 'I5', what: `${device} applied ${entry.seq} of ${conversationId} to nothing` });
      return;
    }
    if (entry.seq !== known.cursor + 1)
      recorder.notice({
        rule: 'I5',
        what: `${device} applied seq ${entry.seq} of ${conversationId} after ${known.cursor}`,
      });
    known.cursor = entry.seq;
    recorder.count('entries applied');
    if (entry.kind === 'message') {
      const { kind: _kind, at: _at, ...message } = entry;
      known.messages.set(entry.seq, heldOf(message));
    } else if (!('targetSeq' in entry)) {
      // It changes no message.
    } else if (!entry.target) {
      const what = `${device} was told no target by seq ${entry.seq} of ${conversationId}`;
      recorder.notice({ rule: 'I6', what });
    } else if (known.messages.has(entry.targetSeq)) {
      known.messages.set(entry.targetSeq, heldOf(entry.target));
    } else if (entry.targetSeq >= known.fromSeq) {
      recorder.notice({
        rule: 'I5',
        what: `${device} was told of a change of seq ${entry.targetSeq} of ${conversationId}, which it never had`,
      });
    }
  }

  function hear(entry: Entry): void {
    recorder.count('deliveries');
    recorder.entryCame(userId, entry);
    if (!isDisturbed()) {
      catchUp.heard(entry);
      return;
    }
    // Drawn for every delivery, so that what one of them meets does not depend on what others met.
    const [lost, twice, late, second] = [random.next(), random.next(), random.next(), random.next()];
    if (lost < chances.lost) {
      recorder.count('deliveries lost');
      return;
    }
    const current = catchUp;
    const deliver = (delayMs: number): void => {
      if (delayMs === 0) current.heard(entry);
      else clock.after(delayMs, () => current.heard(entry));
    };
    if (late < chances.late) recorder.count('deliveries late');
    deliver(late < chances.late ? Math.ceil((late / chances.late) * latestMs) : 0);
    if (twice < chances.twice) {
      recorder.count('deliveries doubled');
      deliver(Math.floor(second * latestMs));
    }
  }

  return {
    messageTold: (message: Message): void => hear(asEntry(message)),
    entryTold: hear,
    /** The person was taken out of it. */
    goneTold(conversationId: string): void {
      catchUp.forget(conversationId);
      held.delete(conversationId);
    },
    headsTold(heads: Heads): void {
      for (const { conversationId } of heads.heads) recorder.belongs(userId, conversationId);
      catchUp.hinted(heads);
    },
    /** Someone learns that a conversation is there without having heard an entry of it. */
    resume: (): void => catchUp.resume(),
    cursorOf: (conversationId: string): number => held.get(conversationId)?.cursor ?? 0,
    messagesOf: (conversationId: string): HeldMessage[] => [
      ...(held.get(conversationId)?.messages.values() ?? []),
    ],

    /** The page is closed and opened again: with what it had stored, or with nothing. */
    reload(forget: boolean, snapshots: boolean): void {
      catchUp.stop();
      if (forget) {
        held.clear();
        withSnapshot.clear();
        snapshotsPreferred = snapshots;
      }
      catchUp = follow();
    },
    stop(): void {
      stopped = true;
      catchUp.stop();
    },
    views: (): View[] =>
      [...held].map(([conversationId, { fromSeq, cursor, messages }]) => ({
        device,
        userId,
        conversationId,
        fromSeq,
        cursor,
        messages,
      })),
  };
}
