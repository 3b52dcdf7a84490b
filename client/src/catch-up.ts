import type { EntriesPage, Entry, Heads, Id } from '@sori/contract';
import type { Clock } from './clock.js';
import { createFetchMissing, overtakenMs } from './fetch-missing.js';
import { cancelTimer, createFollowedOnes, hintHead } from './followed.js';
import { isUnseen } from './follower.js';
import { createUndescribed } from './undescribed.js';

type Deps = {
  clock: Pick<Clock, 'after' | 'random'>;
  fetchEntries: (ask: {
    conversationId: Id;
    after: number;
    limit: number;
    epoch?: string | undefined;
    targets: 'once';
  }) => Promise<EntriesPage>;
  isConnected: () => boolean;
  /** Calls when it is that conversation's turn. */
  turn?: (conversationId: Id, call: () => void) => void;
  /** `missed`: they had to be fetched, since they were not told when they came to be. */
  applied: (conversationId: Id, entries: readonly Entry[], missed: boolean) => void;
  /** Nothing is known of that conversation, or what is known makes no sense any more: `described` is waited for. */
  describe: (conversationId: Id) => void;
  /** The cursor makes no sense here, or the way is too long: what is held of the messages has to be thrown away. */
  startedOver: (conversationId: Id) => void;
  /** Its very first entry was heard: what was held of its messages before that is nothing, and that is all there was. */
  begun: (conversationId: Id) => void;
  /** The caller may not see it any more. */
  gone: (conversationId: Id) => void;
  /** In which life of the database all this is: until then nothing of it can be kept. */
  epochReceived: () => void;
  /** Another life of the database: everything is to be thrown away. */
  epochChanged: () => void;
};

/** Follows all conversations of one account: what is told is applied in order, what is missing is fetched. */
export type CatchUp = {
  /** An entry was told live. True where it is news, for those who make a noise about it. */
  received: (entry: Entry) => boolean;
  hinted: (heads: Heads) => void;
  /**
   * The server described the conversation as it was at that head: following begins there, unless it had begun. A new
   * one is followed from its start, so that what it begins with is told like any other message.
   */
  described: (conversationId: Id, headSeq: number, isNew?: boolean) => void;
  /** This device kept those, as the log was up to these cursors in that life of the database. */
  restored: (epoch: string, cursors: readonly { conversationId: Id; cursor: number }[]) => void;
  forget: (conversationId: Id) => void;
  epoch: () => string | null;
  cursorOf: (conversationId: Id) => number | null;
  /** The line is there again: whoever waited to try again tries now. */
  resume: () => void;
  stop: () => void;
};

/** Which life of the database is followed: the first that is told, until it becomes another. */
const createEpoch = (changed: () => void) => {
  let known: string | null = null;
  return {
    known: () => known,
    isSame: (epoch: string): boolean => {
      if (known === null) {
        known = epoch;
        changed();
      }
      return known === epoch;
    },
    become: (epoch: string) => {
      known = epoch;
    },
  };
};

export const createCatchUp = (deps: Deps): CatchUp => {
  const known = createFollowedOnes(deps.applied);
  const undescribed = createUndescribed(deps.describe);
  const epoch = createEpoch(deps.epochReceived);

  const forgetAll = () => {
    known.forgetAll();
    undescribed.clear();
  };

  /** True where this is another life of the database than the one that was followed. */
  const changesEpoch = (received: string): boolean => {
    if (epoch.isSame(received)) return false;
    epoch.become(received);
    forgetAll();
    deps.epochChanged();
    return true;
  };

  const missing = createFetchMissing({
    clock: deps.clock,
    isConnected: deps.isConnected,
    turn: deps.turn ?? ((_conversationId, call) => call()),
    isFollowed: (conversationId, followed) => known.get(conversationId) === followed,
    fetchPage: (conversationId, after) =>
      deps.fetchEntries({
        conversationId,
        after,
        limit: 500,
        epoch: epoch.known() ?? undefined,
        targets: 'once',
      }),
    isOfThisLog: (conversationId, page) => {
      if (changesEpoch(page.epoch)) return false;
      if (page.reset !== true && page.tooLong !== true) return true;
      catchUp.forget(conversationId);
      deps.startedOver(conversationId);
      deps.describe(conversationId);
      return false;
    },
    take: (conversationId, followed, entries) => known.take(conversationId, followed, entries, true),
    gone: (conversationId) => {
      catchUp.forget(conversationId);
      deps.gone(conversationId);
    },
  });

  const catchUp: CatchUp = {
    received: (entry) => {
      const { conversationId, seq } = entry;
      const followed = known.get(conversationId);
      if (followed === undefined) return undescribed.entryCame(entry);
      const isFresh = isUnseen(followed.follower, seq);
      known.take(conversationId, followed, [entry]);
      missing.after(overtakenMs, conversationId, followed);
      return isFresh;
    },

    hinted: ({ epoch: received, heads }) => {
      if (changesEpoch(received)) return;
      for (const { conversationId, headSeq } of heads) {
        const followed = known.get(conversationId);
        if (followed === undefined) {
          // Its list row is not there yet, or it came to be while the line was down.
          if (headSeq > 0) undescribed.headHinted(conversationId, headSeq);
          continue;
        }
        hintHead(followed, headSeq);
        missing.after(0, conversationId, followed);
      }
    },

    described: (conversationId, headSeq, isNew = false) => {
      const early = undescribed.take(conversationId);
      let followed = known.get(conversationId);
      if (followed === undefined) {
        const begun = isNew || early.entries[0]?.seq === 1;
        if (begun) deps.begun(conversationId);
        followed = known.startAt(conversationId, begun ? 0 : headSeq);
        known.take(conversationId, followed, early.entries);
        hintHead(followed, early.headSeq);
      }
      hintHead(followed, headSeq);
      missing.after(overtakenMs, conversationId, followed);
    },

    restored: (keptIn, cursors) => {
      // Told sooner than the browser gave it back: what is known by now counts.
      if (!epoch.isSame(keptIn)) return;
      for (const { conversationId, cursor } of cursors)
        if (known.get(conversationId) === undefined) known.startAt(conversationId, cursor);
    },

    forget: (conversationId) => {
      known.forget(conversationId);
      undescribed.forget(conversationId);
    },

    epoch: epoch.known,

    cursorOf: (conversationId) => known.get(conversationId)?.follower.cursor ?? null,

    resume: () => {
      undescribed.askAgain();
      for (const [conversationId, followed] of known.all()) {
        followed.attempt = 0;
        cancelTimer(followed);
        missing.after(0, conversationId, followed);
      }
    },

    stop: forgetAll,
  };
  return catchUp;
};
