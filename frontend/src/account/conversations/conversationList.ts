import { backOff, type Pace, passes, toApiError } from '@sori/client';
import type { Conversation, Heads, Id } from '@sori/contract';
import type { Api } from '../../api/api';
import type { Store } from '../../store/state';
import type { Clock } from '../../device/clock';
import { createDescribing } from './describing';

/** As many as the server gives at once: the unread total needs all of them. */
export const pageSize = 100;
/** So many that changed are asked for one by one; beyond that, page by page. */
const renewedMost = pageSize;
/** Several entries in a row make one question. */
const gatherMs = 150;

export type ListPage = {
  conversations: Conversation[];
  next: string | null;
  /** When the server knew this. */
  asOf?: string | undefined;
  /** What of the person's own changed since they asked the last time; not said where nobody asked for it. */
  changed?: readonly Id[] | undefined;
};

export type AskForPage = (
  query: { limit: number; before?: string | undefined; since?: string | undefined },
  signal?: AbortSignal,
) => Promise<ListPage>;

type Deps = {
  store: Store;
  api: Pick<Api, 'conversation'> & { conversations: AskForPage };
  clock: Clock;
  pace: Pace;
  /** The server described these. */
  told: (conversations: readonly Conversation[]) => void;
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
  headsTold: (heads: Heads) => void;
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
export const createConversationList = ({ store, api, clock, pace, told, gone }: Deps): ConversationList => {
  const given = new AbortController();
  const { signal } = given;
  const wanted = new Set<Id>();
  let complete = false;
  /** How often all of it was wanted, so far: what was asked before the last time does not count. */
  let loads = 0;
  /** What the server had told by then is known here, all of it. */
  let knownAsOf: string | undefined;
  /** Described as a whole by the server since the connection was last away. */
  const fresh = new Set<Id>();
  /** Ends the list's waiting for its next try. */
  let wake: () => void = () => undefined;
  let loading: Promise<void> | null = null;
  /** The connection was away while it was on its way: what changed meanwhile may have missed it. */
  let renewNext = false;

  const describedNow = (conversations: readonly Conversation[]) => {
    for (const { _id } of conversations) fresh.add(_id);
    told(conversations);
  };

  const one = createDescribing({ store, api, clock, pace, signal, described: describedNow, gone });

  /** Where that is all that the page lacks: asks for those that changed and did not come with the first page. */
  const takeChanged = ({ conversations, changed }: ListPage): boolean => {
    if (changed === undefined) return false;
    const came = new Set(conversations.map(({ _id }) => _id));
    const held = store.getState().conversations;
    const rest = changed.filter((id) => held[id] !== undefined && !came.has(id));
    if (rest.length > renewedMost) return false;
    for (const conversationId of rest) one.quietly(conversationId);
    return true;
  };

  /** False where it was overtaken: all of it is to be asked for from the beginning. */
  const loadFrom = async (start: string | null, since?: string): Promise<boolean> => {
    const mine = loads;
    const isOvertaken = () => mine !== loads;
    let before = start ?? undefined;
    let asOf: string | undefined;
    /** Held before, and not in the list so far. */
    const missed = new Set(start === null ? Object.keys(store.getState().conversations) : []);
    for (let attempt = 0; !signal.aborted;) {
      if (isOvertaken()) return false;
      store.getState().listAsked();
      try {
        const counts = one.question();
        const page = await api.conversations(
          { limit: pageSize, before, ...(before === undefined ? { since } : {}) },
          signal,
        );
        // Aborting is heard only by a request on its way, and this account may be gone.
        if (isStopped()) return true;
        if (isOvertaken()) return false;
        const conversations = page.conversations.filter(counts);
        if (before === undefined) asOf = page.asOf;
        const isAll = before === undefined && since !== undefined && takeChanged(page);
        store.getState().listPageCame(conversations, isAll ? null : page.next);
        describedNow(conversations);
        for (const { _id } of page.conversations) missed.delete(_id);
        attempt = 0;
        if (isAll) {
          missed.clear();
          break;
        }
        if (page.next === null) break;
        before = page.next;
        await new Promise<void>(pace);
      } catch (thrown) {
        const error = toApiError(thrown);
        if (isStopped()) return true;
        if (isOvertaken()) return false;
        store.getState().listFailed(error);
        if (!passes(error)) return true;
        const delay = Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random));
        attempt += 1;
        await new Promise<void>((resolve) => {
          const cancel = clock.after(delay, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
    }
    if (isStopped()) return true;
    complete = true;
    knownAsOf = asOf ?? knownAsOf;
    for (const conversationId of missed) one.quietly(conversationId);
    return true;
  };
  const isStopped = () => signal.aborted;
  const loadAll = async (from: string | null, since?: string): Promise<void> => {
    let isOver = await loadFrom(from, since);
    while (!isOver) isOver = await loadFrom(null);
  };

  const loadOnce = async (from: string | null, since?: string): Promise<void> => {
    try {
      await loadAll(from, since);
    } finally {
      loading = null;
    }
    const isNext = renewNext;
    renewNext = false;
    if (!complete || isStopped()) return;
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
      loads += 1;
      complete = false;
      knownAsOf = undefined;
      fresh.clear();
      wake();
      return start(null);
    },
    renew: () => {
      wake();
      return renew();
    },
    headsTold: ({ heads }) => {
      if (!complete) return;
      const there = new Set(heads.map(({ conversationId }) => conversationId));
      for (const conversationId of Object.keys(store.getState().conversations))
        if (!there.has(conversationId)) one.quietly(conversationId);
    },
    opened: (conversationId) => {
      if (complete && loading === null && !fresh.has(conversationId)) one.quietly(conversationId);
    },
    resume: () => wake(),
    loadMore: () => {
      wake();
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
      wake();
      one.stop();
    },
  };
};
