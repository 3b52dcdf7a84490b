import type { Id } from '@sori/contract';
import type { State, Store } from '../store/state';
import type { Clock } from '../device/clock';

/** After that long the page counts as usable: something it waits for does not come. */
const longestMs = 10_000;
/** What a person does first comes before all of them. */
const quietMs = 2_000;
const gapMs = 250;

export type Turns = {
  /** Calls when it is the turn of that conversation's log: at once where somebody looks at it, or once the page can be used. */
  take: (conversationId: Id, call: () => void) => void;
  /** Somebody looks at it now, or something was just said there. */
  hurry: (conversationId: Id) => void;
  /** The connection is there for the first time. */
  connected: () => void;
  stop: () => void;
};

/** The list is today's, and what is open has its messages. */
const isUsable = ({ connection, list, open, windows }: State): boolean => {
  const window = open === null ? null : windows[open.conversationId];
  return (
    connection === 'online' &&
    list.state === 'ready' &&
    !list.kept &&
    (window === null || (window?.loaded === true && !window.loading.replace))
  );
};

/**
 * A person comes back, and in many conversations something was said meanwhile. The list says what, and the logs of those
 * that nobody looks at are for later: they wait until the page can be used, and then come at a calm pace.
 */
export const createTurns = (deps: { store: Store; clock: Pick<Clock, 'after'> }): Turns => {
  const { store, clock } = deps;
  const waiting = new Map<Id, () => void>();
  let begins = true;
  let cancel: (() => void) | null = null;

  const hurry = (conversationId: Id) => {
    const call = waiting.get(conversationId);
    waiting.delete(conversationId);
    call?.();
  };
  const next = () => {
    const [conversationId] = waiting.keys();
    // Nobody waits any more: from now on everything comes at once.
    if (conversationId === undefined) begins = false;
    else {
      hurry(conversationId);
      cancel = clock.after(gapMs, next);
    }
  };
  const usable = () => {
    unsubscribe();
    cancel?.();
    cancel = clock.after(quietMs, next);
  };
  const unsubscribe = store.subscribe((state) => {
    if (isUsable(state)) usable();
  });

  return {
    take: (conversationId, call) => {
      if (begins && store.getState().open?.conversationId !== conversationId)
        waiting.set(conversationId, call);
      else call();
    },
    hurry,
    connected: () => {
      if (begins) cancel ??= clock.after(longestMs, usable);
    },
    stop: () => {
      waiting.clear();
      begins = false;
      cancel?.();
      unsubscribe();
    },
  };
};
