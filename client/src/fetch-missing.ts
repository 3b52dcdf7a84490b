import { withTargets, type EntriesPage, type Entry, type Id } from '@sori/contract';
import { needsSignIn, passes, toApiError } from './api-error.js';
import { backOff } from './back-off.js';
import type { Clock } from './clock.js';
import { cancelTimer, hintHead, type Followed } from './followed.js';
import { isBehind } from './follower.js';

/** A missing entry is usually one that was overtaken: it has that long to arrive by itself. */
export const overtakenMs = 300;
/** Conversations that are caught up with at the same time. */
const atOnce = 6;

type Deps = {
  clock: Pick<Clock, 'after' | 'random'>;
  fetchPage: (conversationId: Id, after: number) => Promise<EntriesPage>;
  isConnected: () => boolean;
  /** Calls when it is that conversation's turn. */
  turn: (conversationId: Id, call: () => void) => void;
  /** False once the conversation was forgotten, also where it is followed anew. */
  isFollowed: (conversationId: Id, followed: Followed) => boolean;
  /** Whether the page belongs to what is followed: otherwise what follows from it has been done. */
  isOfThisLog: (conversationId: Id, page: EntriesPage) => boolean;
  take: (conversationId: Id, followed: Followed, entries: readonly Entry[]) => void;
  /** The caller may not see it any more. */
  gone: (conversationId: Id) => void;
};

export type FetchMissing = {
  /** Fetches what is missing after the delay, unless it has come by then. */
  after: (delayMs: number, conversationId: Id, followed: Followed) => void;
};

/** Fetches what conversations are behind by: each page after page, a few conversations at the same time. */
export const createFetchMissing = (deps: Deps): FetchMissing => {
  const { clock, isConnected, isFollowed } = deps;
  const queue: { conversationId: Id; followed: Followed }[] = [];
  let running = 0;

  const after = (delayMs: number, conversationId: Id, followed: Followed) => {
    if (!isBehind(followed.follower)) cancelTimer(followed);
    else if (!followed.fetching && followed.cancelTimer === null)
      followed.cancelTimer = clock.after(delayMs, () => {
        followed.cancelTimer = null;
        if (!isBehind(followed.follower) || followed.fetching) return;
        followed.fetching = true;
        deps.turn(conversationId, () => {
          queue.push({ conversationId, followed });
          next();
        });
      });
  };

  const next = () => {
    while (running < atOnce) {
      const first = queue.shift();
      if (first === undefined) return;
      const { conversationId, followed } = first;
      if (!isFollowed(conversationId, followed)) continue;
      running += 1;
      void fetchAll(conversationId, followed).finally(() => {
        running -= 1;
        followed.fetching = false;
        const { attempt } = followed;
        if (isFollowed(conversationId, followed))
          after(attempt === 0 ? overtakenMs : backOff(attempt - 1, clock.random), conversationId, followed);
        next();
      });
    }
  };

  const fetchAll = async (conversationId: Id, followed: Followed): Promise<void> => {
    while (isBehind(followed.follower) && isConnected()) {
      const { cursor } = followed.follower;
      let page: EntriesPage;
      try {
        page = await deps.fetchPage(conversationId, cursor);
      } catch (thrown) {
        if (!isFollowed(conversationId, followed)) return;
        const error = toApiError(thrown);
        if (passes(error) || needsSignIn(error)) followed.attempt += 1;
        else deps.gone(conversationId);
        return;
      }
      if (!isFollowed(conversationId, followed) || !deps.isOfThisLog(conversationId, page)) return;
      deps.take(conversationId, followed, withTargets(page.entries));
      hintHead(followed, page.headSeq);
      // Nothing came of it: the head may have been published before this server sees it. Not at once again.
      followed.attempt = followed.follower.cursor > cursor ? 0 : followed.attempt + 1;
      if (followed.attempt > 0) return;
    }
  };

  return { after };
};
