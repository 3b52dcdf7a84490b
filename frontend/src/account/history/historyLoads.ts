import { toApiError } from '@sori/client';
import type { Id } from '@sori/contract';
import type { HistoryBound } from '../../api/conversations';
import type { State, Store } from '../../store/state';
import { reachesTo } from './windowChanges';
import type { LoadKind, Window, WindowPage } from '../../store/window';
import type { FetchPage } from './pages';

/** Fewer than these do not fill a screen: then the newest page is asked for too. */
const screenful = 30;

export type LoadDeps = {
  store: Store;
  fetchPage: FetchPage;
  /** Settles when the conversation is known and followed: a page that is asked for after that leaves no hole to what follows. */
  described: (conversationId: Id, signal: AbortSignal) => Promise<void>;
  /** The same, for who does not wait for it long, nor without a connection. Never fails. */
  describedSoon: (conversationId: Id) => Promise<void>;
  /** What this device keeps of the newest messages, or null. */
  kept: (conversationId: Id) => Promise<WindowPage | null>;
  /** Somebody went to the end of it, and there they are. */
  endReached: (conversationId: Id) => void;
};

/** What a page is asked for: for the reader to begin there, to go to the end, or to see a certain stretch. */
type Goal = 'beginning' | 'end' | HistoryBound;

export type HistoryLoads = {
  /** The conversations that are open. */
  open: () => Id[];
  isOpen: (conversationId: Id) => boolean;
  begin: (conversationId: Id) => void;
  /** It is not open any more: what was asked is given up, and shows as not asked. */
  end: (conversationId: Id) => void;
  load: (conversationId: Id, kind: LoadKind, goal: Goal) => Promise<void>;
  /** What was asked is not waited for. */
  giveUp: (conversationId: Id) => void;
  stop: () => void;
};

/** Where the reader begins: where they were, else at the first unread message; null is the end. */
export const beginningOf = ({ windows, dividers }: State, conversationId: Id): number | null => {
  const place = windows[conversationId]?.place ?? null;
  const divider = dividers[conversationId] ?? null;
  return place?.seq ?? (divider === null ? null : divider + 1);
};
const beginsUnread = ({ windows, dividers }: State, conversationId: Id): boolean => {
  return (windows[conversationId]?.place ?? null) === null && (dividers[conversationId] ?? null) !== null;
};
export const reaches = (
  window: Pick<Window, 'messages' | 'hasOlder' | 'hasNewer'>,
  seq: number | null,
): boolean => (seq === null ? !window.hasNewer : reachesTo(window, seq));

const isAtEnd = ({ windows }: State, conversationId: Id): boolean => {
  const window = windows[conversationId];
  return window?.loaded === true && !window.hasNewer;
};

/** Pages on their way, for the conversations that are open. */
export const createHistoryLoads = (deps: LoadDeps): HistoryLoads => {
  const { store, fetchPage, described, describedSoon, kept, endReached } = deps;
  const asking = new Map<Id, Map<LoadKind, AbortController>>();

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
      if (goesToEnd && isAtEnd(store.getState(), conversationId)) endReached(conversationId);
    };
    store.getState().pageAsked(conversationId, kind, { looksUp: isOpening || goesToEnd, goesToEnd });
    /** Kept, but not from where the reader begins: better than nothing. */
    let instead: WindowPage | null = null;
    try {
      if (isOpening || goesToEnd) {
        const page = await kept(conversationId);
        if (signal.aborted) return;
        // It may have been read elsewhere since that was kept.
        if (isOpening && page !== null && beginsUnread(store.getState(), conversationId)) {
          await describedSoon(conversationId);
          if (isGivenUp()) return;
          store.getState().beginningFound(conversationId);
        }
        const isEnough = page !== null && (page.messages.length >= screenful || !page.hasOlder);
        const isThere =
          page !== null && reaches(page, goesToEnd ? null : beginningOf(store.getState(), conversationId));
        // Who goes to the end has something to look at until all of a page is there.
        if (isThere && (isOpening || isEnough)) {
          came(page);
          if (isEnough && (isOpening || isAtEnd(store.getState(), conversationId))) return;
        } else instead = page;
        store.getState().pageAsked(conversationId, kind, { goesToEnd });
      }
      await described(conversationId, signal);
      if (isGivenUp()) return;
      const isShown = store.getState().windows[conversationId]?.loaded === true;
      if (isOpening && !isShown) store.getState().beginningFound(conversationId);
      const beginning = isOpening && !isShown ? beginningOf(store.getState(), conversationId) : null;
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

  return {
    open: () => [...asking.keys()],
    isOpen: (conversationId) => asking.has(conversationId),
    begin: (conversationId) => void asking.set(conversationId, new Map()),
    end: (conversationId) => {
      for (const [kind, controller] of asking.get(conversationId) ?? []) {
        controller.abort();
        store.getState().pageFailed(conversationId, kind, null);
      }
      asking.delete(conversationId);
    },
    load,
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
