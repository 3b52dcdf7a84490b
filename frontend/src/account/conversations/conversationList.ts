import type { Pace } from '@sori/client';
import type { Conversation, Heads, Id } from '@sori/contract';
import type { Api } from '../../api/api';
import type { Store } from '../../store/state';
import type { Clock } from '../../device/clock';
import { createDescribing } from './describing';
import { createListPages, type AskForPage } from './listPages';

/** Several entries in a row make one question. */
const gatherMs = 150;

type Deps = {
  store: Store;
  api: Pick<Api, 'conversation'> & { conversations: AskForPage };
  clock: Clock;
  pace: Pace;
  /** The server described these. */
  received: (conversations: readonly Conversation[]) => void;
  /** It is not there, or not the caller's to know of. */
  gone: (conversationId: Id) => void;
};

export type ConversationList = {
  /**
   * All pages, one after the other, from the first one on: what was under way may be of what is not true any more. What is
   * held stays until it is replaced.
   */
  load: () => Promise<void>;
  /**
   * The connection was away: asks for the first page, and for what of the person's own changed elsewhere meanwhile. All
   * else is in the logs. Where the whole list was never there, or too much has changed, asks for all of it.
   */
  renew: () => Promise<void>;
  /** The server said where all conversations end: what is not among them may be gone. */
  headsReceived: (heads: Heads) => void;
  /** The page shows it: who read how far nobody told while the connection was away. */
  opened: (conversationId: Id) => void;
  /** The connection is there: a list that waits for its next try is not to wait any longer. */
  resume: () => void;
  /** Goes on where it stopped. */
  loadMore: () => void;
  /** Asks for that conversation unless the list, which is on its way, will bring it. */
  want: (conversationId: Id) => void;
  /** Asks for it now. Throws the ApiError; twice at once asks once. */
  describe: (conversationId: Id) => Promise<void>;
  /** Count or preview have to be asked for: soon, or later if told so; once for several reasons. */
  refresh: (conversationId: Id, delayMs?: number) => void;
  /** It was taken away: what was asked before may still tell of it. */
  forget: (conversationId: Id) => void;
  stop: () => void;
};

/** What the server says about conversations, as wholes. */
export const createConversationList = ({
  store,
  api,
  clock,
  pace,
  received,
  gone,
}: Deps): ConversationList => {
  const given = new AbortController();
  const { signal } = given;
  const wanted = new Set<Id>();
  let complete = false;
  /** What the server had told by then is known here, all of it. */
  let knownAsOf: string | undefined;
  /** Described as a whole by the server since the connection was last away. */
  const fresh = new Set<Id>();
  let loading: Promise<void> | null = null;
  /** The connection was away while it was on its way: what changed meanwhile may have missed it. */
  let renewNext = false;

  const described = (conversations: readonly Conversation[]) => {
    for (const { _id } of conversations) fresh.add(_id);
    received(conversations);
  };
  const one = createDescribing({ store, api, clock, pace, signal, described, gone });
  const pages = createListPages({
    store,
    conversations: api.conversations,
    clock,
    pace,
    signal,
    one,
    described,
    complete: (asOf) => {
      complete = true;
      knownAsOf = asOf ?? knownAsOf;
    },
  });

  const loadOnce = async (from: string | null, since?: string): Promise<void> => {
    try {
      await pages.load(from, since);
    } finally {
      loading = null;
    }
    const isNext = renewNext;
    renewNext = false;
    if (!complete || signal.aborted) return;
    askWanted();
    if (isNext) await renew();
  };
  const start = (from: string | null, since?: string): Promise<void> => {
    loading ??= loadOnce(from, since);
    return loading;
  };
  const renew = (): Promise<void> => {
    fresh.clear();
    renewNext = loading !== null;
    return start(null, complete ? knownAsOf : undefined);
  };
  const askWanted = () => {
    for (const conversationId of wanted)
      if (store.getState().conversations[conversationId] === undefined) one.quietly(conversationId);
    wanted.clear();
  };

  return {
    load: () => {
      complete = false;
      knownAsOf = undefined;
      fresh.clear();
      pages.beginAgain();
      return start(null);
    },
    renew: () => {
      pages.wake();
      return renew();
    },
    headsReceived: ({ heads }) => {
      if (!complete) return;
      const there = new Set(heads.map(({ conversationId }) => conversationId));
      for (const conversationId of Object.keys(store.getState().conversations))
        if (!there.has(conversationId)) one.quietly(conversationId);
    },
    opened: (conversationId) => {
      if (complete && loading === null && !fresh.has(conversationId)) one.quietly(conversationId);
    },
    resume: pages.wake,
    loadMore: () => {
      pages.wake();
      void start(store.getState().list.next);
    },
    want: (conversationId) => {
      if (complete && loading === null) one.quietly(conversationId);
      else wanted.add(conversationId);
    },
    describe: one.describe,
    refresh: (conversationId, delayMs = gatherMs) => one.soon(conversationId, delayMs),
    forget: one.forget,
    stop: () => {
      given.abort();
      pages.wake();
      one.stop();
    },
  };
};
