import type { Entry, Heads, Id } from '@sori/contract';
import { ApiError } from './api-error.js';
import { createCatchUp } from './catch-up.js';
import type { Clock } from './clock.js';
import type { Ask } from './connection.js';
import { createDescriptions } from './descriptions.js';
import { createEntriesOf } from './entries-of.js';
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
  const entriesOf = createEntriesOf(ask, http);

  const forget = (conversationId: Id) => {
    all.delete(conversationId);
    descriptions.forget(conversationId);
    entriesOf.forget(conversationId);
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

  const descriptions = createDescriptions({
    clock,
    http,
    described: ({ _id, headSeq, firstSeq }) => {
      const { firstHeard = Infinity, from = Math.min(headSeq, firstHeard - 1) } = all.get(_id) ?? {};
      // Only a database that was restored is shorter than what was told.
      if (from > headSeq) reset(_id);
      catchUp.described(_id, Math.max(Math.min(from, headSeq), firstSeq - 1));
      catchUp.described(_id, headSeq);
    },
    gone,
  });

  const catchUp = createCatchUp({
    clock,
    isConnected,
    fetchEntries: entriesOf.fetch,
    describe: descriptions.ask,
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
        descriptions.ask(conversationId);
      }
    },
    begun: () => undefined,
    epochTold: () => undefined,
  });

  return {
    follow: (conversationId, handlers) => {
      if (all.has(conversationId)) throw new Error(`${conversationId} is followed already`);
      const followed: Followed = { ...handlers };
      all.set(conversationId, followed);
      descriptions.ask(conversationId);
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
        if (catchUp.cursorOf(conversationId) === null) descriptions.ask(conversationId);
      catchUp.resume();
    },
    stop: () => {
      for (const conversationId of [...all.keys()]) forget(conversationId);
      catchUp.stop();
    },
  };
};

const noLonger = () => new ApiError('NOT_FOUND', 'This conversation is not there any more');
