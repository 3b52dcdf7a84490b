import { Conversation, EntriesPage, type Entry, type Heads, type Id } from '@sori/contract';
import { ApiError, needsSignIn, passes, toApiError } from './api-error.js';
import { backOff } from './back-off.js';
import { createCatchUp } from './catch-up.js';
import type { Clock } from './clock.js';
import type { Ask } from './connection.js';
import type { Http } from './http.js';

export type Follow = {
  /**
   * The `seq` of the last entry that the program knows: following goes on behind it, however long ago that was. 0 is the
   * beginning, as far back as this person may see. Default: only what comes from now on is told.
   */
  from?: number;
  /**
   * Each entry of the conversation's log once, in its order, without a gap: messages, edits, deletions, reactions, pins,
   * comings and goings; what this person wrote themselves, too. Is not waited for.
   */
  entry: (entry: Entry) => void;
  /**
   * The log is not the one that was followed: the server's database was restored from a backup. Following goes on with what
   * comes from now on; whoever keeps a copy throws it away and follows from 0.
   */
  reset?: () => void;
  /** The conversation is not there, or not for this person to see, or not any more. Nothing follows; it may be followed again. */
  gone?: (error: ApiError) => void;
};

type Deps = {
  clock: Pick<Clock, 'after' | 'random'>;
  ask: Ask;
  http: Http;
  isConnected: () => boolean;
};

type Followed = Follow & {
  /** The first entry that was heard before the conversation was described. */
  firstHeard?: number;
  /** The conversation is being asked for. */
  asking: boolean;
  cancelRetry: () => void;
};

/** Some conversations of one account, each followed for a program. */
export type Following = {
  /** @returns what ends it. @throws Error where that conversation is followed already. */
  follow: (conversationId: Id, handlers: Follow) => () => void;
  entryTold: (entry: Entry) => void;
  headsTold: (heads: Heads) => void;
  goneTold: (conversationId: Id) => void;
  /** The connection is there again. */
  resume: () => void;
  stop: () => void;
};

export const createFollowing = ({ clock, ask, http, isConnected }: Deps): Following => {
  const all = new Map<Id, Followed>();
  /** So far behind that the socket would leave something out. */
  const longWays = new Set<Id>();

  const forget = (conversationId: Id) => {
    all.get(conversationId)?.cancelRetry();
    all.delete(conversationId);
    longWays.delete(conversationId);
    catchUp.forget(conversationId);
  };

  const gone = (conversationId: Id, error: ApiError) => {
    const followed = all.get(conversationId);
    forget(conversationId);
    followed?.gone?.(error);
  };

  const reset = (conversationId: Id) => {
    const followed = all.get(conversationId);
    if (followed === undefined) return;
    delete followed.from;
    delete followed.firstHeard;
    followed.reset?.();
  };

  const describe = async (conversationId: Id, attempt = 0): Promise<void> => {
    const followed = all.get(conversationId);
    if (followed === undefined || followed.asking) return;
    followed.cancelRetry();
    followed.asking = true;
    try {
      const path = `/api/conversations/${conversationId}`;
      const { data } = await http({ path, answer: Conversation });
      if (all.get(conversationId) === followed) begin(followed, data);
    } catch (thrown) {
      if (all.get(conversationId) !== followed) return;
      const error = toApiError(thrown);
      if (passes(error) || needsSignIn(error))
        followed.cancelRetry = clock.after(
          Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random)),
          () => void describe(conversationId, attempt + 1),
        );
      else gone(conversationId, error);
    } finally {
      followed.asking = false;
    }
  };

  const begin = (followed: Followed, { _id, headSeq, firstSeq }: Conversation) => {
    const { firstHeard = Infinity, from = Math.min(headSeq, firstHeard - 1) } = followed;
    // Only a database that was restored is shorter than what was told.
    if (from > headSeq) reset(_id);
    catchUp.described(_id, Math.max(Math.min(from, headSeq), firstSeq - 1));
    catchUp.described(_id, headSeq);
  };

  const overRest = async (asked: {
    conversationId: Id;
    after: number;
    limit: number;
    epoch?: string | undefined;
  }) => {
    const { conversationId, ...query } = asked;
    const path = `/api/conversations/${conversationId}/entries`;
    const { data } = await http({ path, query, answer: EntriesPage });
    if (!data.more) longWays.delete(conversationId);
    return data;
  };

  const catchUp = createCatchUp({
    clock,
    isConnected,
    fetchEntries: async (asked) => {
      if (longWays.has(asked.conversationId)) return overRest(asked);
      const page = await ask('entries:after', asked);
      if (page.tooLong !== true) return page;
      // Over the socket more than 5,000 entries are too long a way, which a page need not go. REST goes all of it.
      longWays.add(asked.conversationId);
      return overRest(asked);
    },
    describe: (conversationId) => void describe(conversationId),
    applied: (conversationId, entries) => {
      const followed = all.get(conversationId);
      for (const entry of entries) {
        // The program may end it with any of them.
        if (followed === undefined || all.get(conversationId) !== followed) return;
        followed.from = entry.seq;
        followed.entry(entry);
      }
    },
    startedOver: reset,
    gone: (conversationId) => gone(conversationId, noLonger()),
    epochChanged: () => {
      for (const conversationId of [...all.keys()]) {
        reset(conversationId);
        void describe(conversationId);
      }
    },
    begun: () => undefined,
    epochTold: () => undefined,
  });

  return {
    follow: (conversationId, handlers) => {
      if (all.has(conversationId)) throw new Error(`${conversationId} is followed already`);
      const followed: Followed = { ...handlers, asking: false, cancelRetry: () => undefined };
      all.set(conversationId, followed);
      void describe(conversationId);
      return () => {
        if (all.get(conversationId) === followed) forget(conversationId);
      };
    },
    entryTold: (entry) => {
      const followed = all.get(entry.conversationId);
      if (followed === undefined) return;
      if (catchUp.cursorOf(entry.conversationId) === null)
        followed.firstHeard = Math.min(followed.firstHeard ?? Infinity, entry.seq);
      catchUp.heard(entry);
    },
    headsTold: ({ epoch, heads }) => {
      catchUp.hinted({ epoch, heads: heads.filter(({ conversationId }) => all.has(conversationId)) });
    },
    goneTold: (conversationId) => gone(conversationId, noLonger()),
    resume: () => {
      for (const conversationId of all.keys())
        if (catchUp.cursorOf(conversationId) === null) void describe(conversationId);
      catchUp.resume();
    },
    stop: () => {
      for (const conversationId of [...all.keys()]) forget(conversationId);
      catchUp.stop();
    },
  };
};

const noLonger = () => new ApiError('NOT_FOUND', 'This conversation is not there any more');
