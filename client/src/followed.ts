import type { Entry, Id } from '@sori/contract';
import { entriesCame, followFrom, headHinted, type Follower } from './follower.js';

/** One conversation that is followed, and how fetching what is missing of it stands. */
export type Followed = {
  follower: Follower;
  fetching: boolean;
  /** Tries in a row of which nothing came. */
  attempt: number;
  cancelTimer: (() => void) | null;
};

/** The conversations that are followed, and how far each of them was. */
export type FollowedOnes = {
  get: (conversationId: Id) => Followed | undefined;
  all: () => Iterable<[Id, Followed]>;
  startAt: (conversationId: Id, cursor: number) => Followed;
  /** Applies what follows on the cursor, in the log's order; what is early waits. */
  take: (conversationId: Id, followed: Followed, entries: readonly Entry[], missed?: boolean) => void;
  forget: (conversationId: Id) => void;
  forgetAll: () => void;
};

export const createFollowedOnes = (
  applied: (conversationId: Id, entries: readonly Entry[], missed: boolean) => void,
): FollowedOnes => {
  const known = new Map<Id, Followed>();
  return {
    get: (conversationId) => known.get(conversationId),
    all: () => known,
    startAt: (conversationId, cursor) => {
      const followed = { follower: followFrom(cursor), fetching: false, attempt: 0, cancelTimer: null };
      known.set(conversationId, followed);
      return followed;
    },
    take: (conversationId, followed, entries, missed = false) => {
      const result = entriesCame(followed.follower, entries);
      followed.follower = result.follower;
      if (result.applied.length > 0) applied(conversationId, result.applied, missed);
    },
    forget: (conversationId) => {
      const followed = known.get(conversationId);
      if (followed !== undefined) cancelTimer(followed);
      known.delete(conversationId);
    },
    forgetAll: () => {
      for (const followed of known.values()) cancelTimer(followed);
      known.clear();
    },
  };
};

/** What it waited for is not fetched any more. */
export const cancelTimer = (followed: Followed) => {
  followed.cancelTimer?.();
  followed.cancelTimer = null;
};

/** There is more of it, up to that seq. */
export const hintHead = (followed: Followed, headSeq: number) => {
  followed.follower = headHinted(followed.follower, headSeq);
};
