import type { Entry, Heads, Id } from '@sori/contract';
import { ApiError } from './api-error.js';
import { createCatchUp } from './catch-up.js';
import type { Clock } from './clock.js';
import type { Ask } from './connection.js';
import { createDescriptions } from './descriptions.js';
import { createEntriesOf } from './entries-of.js';
import type { Http } from './http.js';

/** A place in a conversation's log. `epoch`: which life of the server's database that is; restoring it begins another one. */
export type Position = { epoch: string; seq: number };

export type Follow = {
  /**
   * Where the last entry was that the program knows, as it was told with it: following goes on behind that, however long ago
   * it was. `beginning`: as far back as this person may see. Default: only what comes from now on is told.
   */
  from?: Position | 'beginning';
  /**
   * Each entry of the conversation's log once, in its order, without a gap: messages, edits, deletions, reactions, pins,
   * comings and goings; what this person wrote themselves, too. Is not waited for.
   */
  entry: (entry: Entry, position: Position) => void;
  /**
   * The log is not the one that was followed: the server's database was restored from a backup. Following goes on with what
   * comes from now on; whoever keeps a copy throws it away and follows from the beginning.
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
  firstReceived?: number;
};

/** Some conversations of one account, each followed for a program. */
export type Following = {
  /** @returns what ends it. @throws Error where that conversation is followed already. */
  follow: (conversationId: Id, handlers: Follow) => () => void;
  entryReceived: (entry: Entry) => void;
  headsReceived: (heads: Heads) => void;
  goneReceived: (conversationId: Id) => void;
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
    followed.reset?.();
  };

  /** In the middle of following it: what was heard until then was of the other log. */
  const restart = (conversationId: Id) => {
    delete all.get(conversationId)?.firstReceived;
    reset(conversationId);
  };

  /** Not before it is known which life of the database this is: that is told with every connection. */
  const describe = (conversationId: Id) => {
    if (catchUp.epoch() !== null && all.has(conversationId)) descriptions.ask(conversationId);
  };

  const descriptions = createDescriptions({
    clock,
    http,
    described: ({ _id, headSeq, firstSeq }) => {
      const followed = all.get(_id);
      if (followed === undefined) return;
      if (!isIn(followed.from, catchUp.epoch(), headSeq)) reset(_id);
      // The program may have ended it with that, or follow it from the beginning now.
      if (all.get(_id) !== followed) return;
      catchUp.described(_id, Math.max(startOf(followed, headSeq), firstSeq - 1));
      catchUp.described(_id, headSeq);
    },
    gone,
  });

  const catchUp = createCatchUp({
    clock,
    isConnected,
    fetchEntries: entriesOf.fetch,
    describe,
    applied: (conversationId, entries) => {
      const followed = all.get(conversationId);
      const epoch = catchUp.epoch();
      for (const entry of entries) {
        // The program may end it with any of them.
        if (followed === undefined || epoch === null || all.get(conversationId) !== followed) return;
        followed.from = { epoch, seq: entry.seq };
        followed.entry(entry, followed.from);
      }
    },
    startedOver: restart,
    gone: (conversationId) => gone(conversationId, noLonger()),
    epochChanged: () => {
      for (const conversationId of [...all.keys()]) {
        restart(conversationId);
        describe(conversationId);
      }
    },
    begun: () => undefined,
    epochReceived: () => {
      for (const conversationId of all.keys()) describe(conversationId);
    },
  });

  return {
    follow: (conversationId, handlers) => {
      if (all.has(conversationId)) throw new Error(`${conversationId} is followed already`);
      const followed: Followed = { ...handlers };
      all.set(conversationId, followed);
      describe(conversationId);
      return () => {
        if (all.get(conversationId) === followed) forget(conversationId);
      };
    },
    entryReceived: (entry) => {
      const followed = all.get(entry.conversationId);
      if (followed === undefined) return;
      if (catchUp.cursorOf(entry.conversationId) === null)
        followed.firstReceived = Math.min(followed.firstReceived ?? Infinity, entry.seq);
      catchUp.received(entry);
    },
    headsReceived: ({ epoch, heads }) => {
      catchUp.hinted({ epoch, heads: heads.filter(({ conversationId }) => all.has(conversationId)) });
    },
    goneReceived: (conversationId) => gone(conversationId, noLonger()),
    resume: () => {
      for (const conversationId of all.keys())
        if (catchUp.cursorOf(conversationId) === null) describe(conversationId);
      catchUp.resume();
    },
    stop: () => {
      for (const conversationId of [...all.keys()]) forget(conversationId);
      catchUp.stop();
    },
  };
};

/** Whether the position is one of this log. A log that is shorter than what was told of it was restored, too. */
const isIn = (from: Follow['from'], epoch: string | null, headSeq: number): boolean =>
  from === undefined || from === 'beginning' || (from.epoch === epoch && from.seq <= headSeq);

/** Behind which entry following begins. */
const startOf = ({ from, firstReceived = Infinity }: Followed, headSeq: number): number => {
  if (from === undefined) return Math.min(headSeq, firstReceived - 1);
  return from === 'beginning' ? 0 : from.seq;
};

const noLonger = () => new ApiError('NOT_FOUND', 'This conversation is not there any more');
