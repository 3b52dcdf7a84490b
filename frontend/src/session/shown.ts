import type { Store } from '../store/state';

/** What components need of the store. */
export type ShownStore = Pick<Store, 'getState' | 'getInitialState' | 'subscribe'>;

/** So many changes are shown one by one; then, until it has been quiet for a moment, those of each stretch together. */
const oneByOne = 10;
const quietMs = 100;
const togetherMs = 50;
/** A storm that lasts that long is no burst: fewer pictures of it leave the page time for what its person does. */
const lastingMs = 1_000;
const lastingTogetherMs = 120;

const shownStores = new WeakMap<Store, ShownStore>();

/**
 * The store as components see it: the same state, but in a storm (a hundred messages at once) they are not called for
 * every change. React counts renders from outside that leave other work waiting; at fifty it takes them for an endless
 * loop, and then it throws into whoever changed the store, and what they told is never shown.
 */
export const shownStore = (store: Store): ShownStore => {
  const known = shownStores.get(store);
  if (known !== undefined) return known;

  const listeners = new Set<Parameters<Store['subscribe']>[0]>();
  let changes = 0;
  let beganAt = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  let waiting = false;
  let before = store.getState();
  const show = () => {
    const state = store.getState();
    const shownBefore = before;
    before = state;
    for (const listener of listeners) listener(state, shownBefore);
  };
  store.subscribe(() => {
    const now = performance.now();
    if (now - lastAt > quietMs) {
      changes = 0;
      beganAt = now;
    }
    lastAt = now;
    changes += 1;
    if (waiting) return;
    if (changes <= oneByOne) {
      show();
      return;
    }
    waiting = true;
    setTimeout(
      () => {
        waiting = false;
        show();
      },
      now - beganAt > lastingMs ? lastingTogetherMs : togetherMs,
    );
  });

  const shown: ShownStore = {
    getState: store.getState,
    getInitialState: store.getInitialState,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  shownStores.set(store, shown);
  return shown;
};
