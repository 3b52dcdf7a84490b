import { passes, toApiError } from '@sori/client';
import type { Id } from '@sori/contract';
import type { HistoryBound } from '../api/conversations';
import type { Store } from '../store/store';
import { reachesTo, type LoadKind, type Window, type WindowPage } from '../store/window';
import { screenful } from './cache';
import type { FetchPage } from './pages';

type Deps = {
  store: Store;
  fetchPage: FetchPage;
  /** Settles when the conversation is known and followed: a page that is asked for after that leaves no hole to what follows. */
  described: (conversationId: Id, signal: AbortSignal) => Promise<void>;
  /** The same, for who does not wait for it long, nor without a connection. Never fails. */
  describedSoon: (conversationId: Id) => Promise<void>;
  /** What this device keeps of the newest messages, or null. */
  kept: (conversationId: Id) => Promise<WindowPage | null>;
  /** `kept` is going to be asked about it: it may begin to look. */
  expect: (conversationId: Id) => void;
  /** Somebody went to the end of it, and there they are. */
  endReached: (conversationId: Id) => void;
};

/** What a page is asked for: for the reader to begin there, to go to the end, or to see a certain stretch. */
type Goal = 'beginning' | 'end' | HistoryBound;

export type History = {
  /** That conversation may be opened in a moment: what is kept of it is to be at hand by then. */
  expect: (conversationId: Id) => void;
  /** The page shows that conversation now. What is returned says that it no longer does, and gives up what was asked. */
  open: (conversationId: Id) => () => void;
  loadOlder: (conversationId: Id) => void;
  loadNewer: (conversationId: Id) => void;
  /** Asks again for what did not come. A jump that failed is over: the reader is still where they were. */
  retry: (conversationId: Id) => void;
  /** The connection is there again: what it did not bring is asked for once more. What was refused is not. */
  resume: () => void;
  /** The person goes to the end by themselves: when it is there, all is read. Twice at once asks once. */
  toEnd: (conversationId: Id) => void;
  /** The newest page, or the one around that seq, instead of what is held. */
  show: (conversationId: Id, seq?: number) => void;
  /** What was held is gone (another life of the database, a way too long): shows the open conversation anew. */
  reopen: (conversationId: Id) => void;
  /** It is no longer this person's to see: what was asked is not waited for. */
  giveUp: (conversationId: Id) => void;
  stop: () => void;
};

/** Pages of history for the conversation that is open. Each answer lands where it was asked for, or nowhere. */
export const createHistory = (deps: Deps): History => {
  const { store, fetchPage, described, describedSoon, kept, expect, endReached } = deps;
  const asking = new Map<Id, Map<LoadKind, AbortController>>();

  /** Where the reader begins: where they were, else at the first unread message; null is the end. */
  const beginningOf = (conversationId: Id): number | null => {
    const { windows, dividers } = store.getState();
    const place = windows[conversationId]?.place ?? null;
    const divider = dividers[conversationId] ?? null;
    return place?.seq ?? (divider === null ? null : divider + 1);
  };
  const beginsUnread = (conversationId: Id): boolean => {
    const { windows, dividers } = store.getState();
    return (windows[conversationId]?.place ?? null) === null && (dividers[conversationId] ?? null) !== null;
  };
  const reaches = (
    window: Pick<Window, 'messages' | 'hasOlder' | 'hasNewer'>,
    seq: number | null,
  ): boolean => (seq === null ? !window.hasNewer : reachesTo(window, seq));

  const isAtEnd = (conversationId: Id): boolean => {
    const window = store.getState().windows[conversationId];
    return window?.loaded === true && !window.hasNewer;
  };

  const load = async (conversationId: Id, kind: LoadKind, goal: Goal): Promise<void> => {
    const kinds = asking.get(conversationId);
    if (kinds === undefined) return;
    // A jump makes whatever else was asked for meaningless.
    if (kind === 'replace')
      for (const [other, controller] of kinds) {
        controller.abort();
        store.getState().pageFailed(conversationId, other, null);
      }
    const controller = new AbortController();
    const { signal } = controller;
    const isGivenUp = () => signal.aborted;
    kinds.set(kind, controller);
    const isOpening = goal === 'beginning';
    const goesToEnd = goal === 'end';
    const came = (page: WindowPage) => {
      store.getState().pageCame(conversationId, kind, page);
      if (goesToEnd && isAtEnd(conversationId)) endReached(conversationId);
    };
    store.getState().pageAsked(conversationId, kind, { looksUp: isOpening || goesToEnd, goesToEnd });
    /** Kept, but not from where the reader begins: better than nothing. */
    let instead: WindowPage | null = null;
    try {
      if (isOpening || goesToEnd) {
        const page = await kept(conversationId);
        if (signal.aborted) return;
        // It may have been read elsewhere since that was kept.
        if (isOpening && page !== null && beginsUnread(conversationId)) {
          await describedSoon(conversationId);
          if (isGivenUp()) return;
          store.getState().beginningFound(conversationId);
        }
        const isEnough = page !== null && (page.messages.length >= screenful || !page.hasOlder);
        const isThere = page !== null && reaches(page, goesToEnd ? null : beginningOf(conversationId));
        // Who goes to the end has something to look at until all of a page is there.
        if (isThere && (isOpening || isEnough)) {
          came(page);
          if (isEnough && (isOpening || isAtEnd(conversationId))) return;
        } else instead = page;
        store.getState().pageAsked(conversationId, kind, { goesToEnd });
      }
      await described(conversationId, signal);
      if (isGivenUp()) return;
      const isShown = store.getState().windows[conversationId]?.loaded === true;
      if (isOpening && !isShown) store.getState().beginningFound(conversationId);
      const beginning = isOpening && !isShown ? beginningOf(conversationId) : null;
      const from: HistoryBound = beginning === null ? {} : { around: beginning };
      const page = await fetchPage(conversationId, typeof goal === 'object' ? goal : from, signal);
      if (!signal.aborted) came(page);
    } catch (thrown) {
      if (signal.aborted) return;
      if (instead === null) store.getState().pageFailed(conversationId, kind, toApiError(thrown));
      else came(instead);
    } finally {
      if (kinds.get(kind) === controller) kinds.delete(kind);
    }
  };

  const loadEnd = (conversationId: Id, kind: 'older' | 'newer') => {
    const window = store.getState().windows[conversationId];
    if (window?.loaded !== true || window.loading.replace || window.loading[kind]) return;
    // What comes next would come above what shows below it until the end is there.
    if (kind === 'newer' && window.goesToEnd) return;
    const edge = kind === 'older' ? window.messages[0] : window.messages.at(-1);
    if (edge === undefined || !(kind === 'older' ? window.hasOlder : window.hasNewer)) return;
    void load(conversationId, kind, kind === 'older' ? { before: edge.seq } : { after: edge.seq });
  };

  const reopen = (conversationId: Id) => {
    const window = store.getState().windows[conversationId];
    if (asking.has(conversationId) && window?.loaded !== true && window?.loading.replace !== true)
      void load(conversationId, 'replace', 'beginning');
  };

  const toEnd = (conversationId: Id) => {
    const window = store.getState().windows[conversationId];
    if (window?.goesToEnd !== true || !window.loading.replace) void load(conversationId, 'replace', 'end');
  };

  const retry = (conversationId: Id) => {
    const window = store.getState().windows[conversationId];
    if (window === undefined) return;
    const { failed, goesToEnd } = window;
    if (failed.replace !== null) (goesToEnd ? toEnd : reopen)(conversationId);
    if (failed.older !== null) loadEnd(conversationId, 'older');
    if (failed.newer !== null) loadEnd(conversationId, 'newer');
  };

  return {
    expect: (conversationId) => {
      if (store.getState().windows[conversationId]?.loaded !== true) expect(conversationId);
    },
    open: (conversationId) => {
      asking.set(conversationId, new Map());
      store.getState().conversationOpened(conversationId);
      const window = store.getState().windows[conversationId];
      // Held is the end of it, and the reader begins further up.
      if (window?.loaded === true && !reaches(window, beginningOf(conversationId)))
        store.getState().windowForgotten(conversationId);
      reopen(conversationId);
      return () => {
        for (const [kind, controller] of asking.get(conversationId) ?? []) {
          controller.abort();
          store.getState().pageFailed(conversationId, kind, null);
        }
        asking.delete(conversationId);
        store.getState().conversationClosed(conversationId);
      };
    },
    loadOlder: (conversationId) => loadEnd(conversationId, 'older'),
    loadNewer: (conversationId) => loadEnd(conversationId, 'newer'),
    toEnd,
    retry,
    resume: () => {
      const { windows } = store.getState();
      for (const conversationId of asking.keys()) {
        const failures = Object.values(windows[conversationId]?.failed ?? {});
        if (failures.some((error) => error !== null && passes(error))) retry(conversationId);
      }
    },
    show: (conversationId, seq) =>
      void load(conversationId, 'replace', seq === undefined ? {} : { around: seq }),
    reopen,
    giveUp: (conversationId) => {
      const kinds = asking.get(conversationId);
      for (const controller of kinds?.values() ?? []) controller.abort();
      kinds?.clear();
    },
    stop: () => {
      for (const kinds of asking.values()) for (const controller of kinds.values()) controller.abort();
      asking.clear();
    },
  };
};
