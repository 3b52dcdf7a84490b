import { passes } from '@sori/client';
import type { Id } from '@sori/contract';
import { beginningOf, createHistoryLoads, reaches, type LoadDeps } from './historyLoads';

type Deps = LoadDeps & {
  /** `kept` is going to be asked about it: it may begin to look. */
  expect: (conversationId: Id) => void;
};

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
  const { store, expect } = deps;
  const loads = createHistoryLoads(deps);
  const { load } = loads;

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
    if (loads.isOpen(conversationId) && window?.loaded !== true && window?.loading.replace !== true)
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
      loads.begin(conversationId);
      store.getState().conversationOpened(conversationId);
      const window = store.getState().windows[conversationId];
      // Held is the end of it, and the reader begins further up.
      if (window?.loaded === true && !reaches(window, beginningOf(store.getState(), conversationId)))
        store.getState().windowForgotten(conversationId);
      reopen(conversationId);
      return () => {
        loads.end(conversationId);
        store.getState().conversationClosed(conversationId);
      };
    },
    loadOlder: (conversationId) => loadEnd(conversationId, 'older'),
    loadNewer: (conversationId) => loadEnd(conversationId, 'newer'),
    toEnd,
    retry,
    resume: () => {
      const { windows } = store.getState();
      for (const conversationId of loads.open()) {
        const failures = Object.values(windows[conversationId]?.failed ?? {});
        if (failures.some((error) => error !== null && passes(error))) retry(conversationId);
      }
    },
    show: (conversationId, seq) =>
      void load(conversationId, 'replace', seq === undefined ? {} : { around: seq }),
    reopen,
    giveUp: loads.giveUp,
    stop: loads.stop,
  };
};
