import { withTargets, type EntriesPage, type Entry, type Heads, type Id } from '@sori/contract';
import { needsSignIn, passes, toApiError } from './api-error.js';
import type { Clock } from './clock.js';
import { backOff } from './back-off.js';
import {
  bufferMax,
  entriesCame,
  followFrom,
  headHinted,
  isBehind,
  isNews,
  type Follower,
} from './follower.js';

/** A missing entry is usually one that was overtaken: it has that long to arrive by itself. */
const patienceMs = 300;
/** Conversations that are caught up with at the same time. */
const atOnce = 6;

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
  epochTold: () => void;
  /** Another life of the database: everything is to be thrown away. */
  epochChanged: () => void;
};

type Followed = { follower: Follower; fetching: boolean; attempt: number; cancelTimer: (() => void) | null };

const startAt = (cursor: number): Followed => ({
  follower: followFrom(cursor),
  fetching: false,
  attempt: 0,
  cancelTimer: null,
});

/** Follows all conversations of one account: what is told is applied in order, what is missing is fetched. */
export type CatchUp = {
  /** An entry was told live. True where it is news, for those who make a noise about it. */
  heard: (entry: Entry) => boolean;
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

export const createCatchUp = (deps: Deps): CatchUp => {
  const turn = deps.turn ?? ((_conversationId: Id, call: () => void) => call());
  const known = new Map<Id, Followed>();
  /** Told of conversations that are not described yet. */
  const early = new Map<Id, { entries: Map<number, Entry>; headSeq: number }>();
  const queue: Id[] = [];
  let running = 0;
  let epoch: string | null = null;
  let stopped = false;

  const take = (conversationId: Id, followed: Followed, entries: readonly Entry[], missed = false) => {
    const result = entriesCame(followed.follower, entries);
    followed.follower = result.follower;
    if (result.applied.length > 0) deps.applied(conversationId, result.applied, missed);
  };

  const quiet = (followed: Followed) => {
    followed.cancelTimer?.();
    followed.cancelTimer = null;
  };

  const followUp = (conversationId: Id, followed: Followed, delayMs: number) => {
    if (!isBehind(followed.follower)) quiet(followed);
    else if (!followed.fetching && followed.cancelTimer === null)
      followed.cancelTimer = deps.clock.after(delayMs, () => {
        followed.cancelTimer = null;
        if (!isBehind(followed.follower) || followed.fetching) return;
        followed.fetching = true;
        turn(conversationId, () => {
          queue.push(conversationId);
          next();
        });
      });
  };

  const next = () => {
    while (running < atOnce) {
      const conversationId = queue.shift();
      if (conversationId === undefined) return;
      const followed = known.get(conversationId);
      if (followed === undefined) continue;
      running += 1;
      void fetchAll(conversationId, followed).finally(() => {
        running -= 1;
        followed.fetching = false;
        if (!stopped && known.get(conversationId) === followed)
          followUp(
            conversationId,
            followed,
            followed.attempt === 0 ? patienceMs : backOff(followed.attempt - 1, deps.clock.random),
          );
        next();
      });
    }
  };

  const startOver = (conversationId: Id) => {
    catchUp.forget(conversationId);
    deps.startedOver(conversationId);
    deps.describe(conversationId);
  };

  const fetchAll = async (conversationId: Id, followed: Followed): Promise<void> => {
    while (isBehind(followed.follower) && deps.isConnected()) {
      const after = followed.follower.cursor;
      let page: EntriesPage;
      try {
        page = await deps.fetchEntries({
          conversationId,
          after,
          limit: 500,
          epoch: epoch ?? undefined,
          targets: 'once',
        });
      } catch (thrown) {
        if (stopped || known.get(conversationId) !== followed) return;
        const error = toApiError(thrown);
        if (passes(error) || needsSignIn(error)) followed.attempt += 1;
        else {
          catchUp.forget(conversationId);
          deps.gone(conversationId);
        }
        return;
      }
      if (stopped || known.get(conversationId) !== followed) return;
      if (changesEpoch(page.epoch)) return;
      if (page.reset === true || page.tooLong === true) {
        startOver(conversationId);
        return;
      }
      take(conversationId, followed, withTargets(page.entries), true);
      followed.follower = headHinted(followed.follower, page.headSeq);
      // Nothing came of it: the head may have been published before this server sees it. Not at once again.
      followed.attempt = followed.follower.cursor > after ? 0 : followed.attempt + 1;
      if (followed.attempt > 0) return;
    }
  };

  /** True where this is another life of the database than the one that was followed. */
  const changesEpoch = (told: string): boolean => {
    const before = epoch;
    epoch = told;
    if (before === null) deps.epochTold();
    if (before === null || before === told) return false;
    for (const followed of known.values()) quiet(followed);
    known.clear();
    early.clear();
    deps.epochChanged();
    return true;
  };

  const waitFor = (conversationId: Id, seq: number) => {
    const waiting = early.get(conversationId) ?? { entries: new Map<number, Entry>(), headSeq: 0 };
    waiting.headSeq = Math.max(waiting.headSeq, seq);
    if (!early.has(conversationId)) {
      early.set(conversationId, waiting);
      deps.describe(conversationId);
    }
    return waiting;
  };

  const catchUp: CatchUp = {
    heard: (entry) => {
      const { conversationId, seq } = entry;
      const followed = known.get(conversationId);
      if (followed === undefined) {
        const { entries } = waitFor(conversationId, seq);
        const news = !entries.has(seq);
        if (entries.size < bufferMax) entries.set(seq, entry);
        return news;
      }
      const news = isNews(followed.follower, seq);
      take(conversationId, followed, [entry]);
      followUp(conversationId, followed, patienceMs);
      return news;
    },

    hinted: ({ epoch: told, heads }) => {
      if (changesEpoch(told)) return;
      for (const { conversationId, headSeq } of heads) {
        const followed = known.get(conversationId);
        if (followed === undefined) {
          // Its list row is not there yet, or it came to be while the line was down.
          if (headSeq > 0) waitFor(conversationId, headSeq);
          continue;
        }
        followed.follower = headHinted(followed.follower, headSeq);
        followUp(conversationId, followed, 0);
      }
    },

    described: (conversationId, headSeq, isNew = false) => {
      const waiting = early.get(conversationId);
      early.delete(conversationId);
      let followed = known.get(conversationId);
      if (followed === undefined) {
        const begun = isNew || waiting?.entries.has(1) === true;
        if (begun) deps.begun(conversationId);
        followed = startAt(begun ? 0 : headSeq);
        known.set(conversationId, followed);
        if (waiting !== undefined) {
          const entries = [...waiting.entries.values()].sort((one, other) => one.seq - other.seq);
          take(conversationId, followed, entries);
          followed.follower = headHinted(followed.follower, waiting.headSeq);
        }
      }
      followed.follower = headHinted(followed.follower, headSeq);
      followUp(conversationId, followed, patienceMs);
    },

    restored: (keptIn, cursors) => {
      // Told sooner than the browser gave it back: what is known by now counts.
      if (epoch !== null && epoch !== keptIn) return;
      if (epoch === null) {
        epoch = keptIn;
        deps.epochTold();
      }
      for (const { conversationId, cursor } of cursors)
        if (!known.has(conversationId)) known.set(conversationId, startAt(cursor));
    },

    forget: (conversationId) => {
      const followed = known.get(conversationId);
      if (followed !== undefined) quiet(followed);
      known.delete(conversationId);
      early.delete(conversationId);
    },

    epoch: () => epoch,

    cursorOf: (conversationId) => known.get(conversationId)?.follower.cursor ?? null,

    resume: () => {
      for (const conversationId of early.keys()) deps.describe(conversationId);
      for (const [conversationId, followed] of known) {
        followed.attempt = 0;
        quiet(followed);
        followUp(conversationId, followed, 0);
      }
    },

    stop: () => {
      stopped = true;
      for (const followed of known.values()) quiet(followed);
      known.clear();
      early.clear();
      queue.length = 0;
    },
  };
  return catchUp;
};
