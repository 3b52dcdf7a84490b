import type { Outbox, OutboxItem } from './outbox';
import type { OutboxStorage } from './outboxStorage';
import type { Store } from './store';

/** What the tabs of one account tell each other about their common outbox. */
export type OutboxNews = { put: OutboxItem[]; discarded: string[] };

type Deps = {
  store: Store;
  storage: Promise<OutboxStorage>;
  /** To the account's other tabs. */
  tell: (news: OutboxNews) => void;
};

export type KeptOutbox = {
  /** Settles when this state of the item is stored, also where the storage failed: then sending is all that is left. */
  kept: (item: OutboxItem) => Promise<void>;
  /** Another tab has written, changed or discarded some. */
  heard: (news: OutboxNews) => void;
  stop: () => void;
};

/** Only these are worth keeping: what the server has stored is in its log. */
const worthKeeping = ({ state }: OutboxItem): boolean => state !== 'stored';

/** Keeps storage and the other tabs in step with the store's outbox, and begins with what storage holds. */
export const keepOutbox = ({ store, storage, tell }: Deps): KeptOutbox => {
  /** The state of each item as it is stored, or on its way there. */
  const known = new Map<string, OutboxItem>();
  let stopped = false;
  let written: Promise<void> = storage
    .then((opened) => opened.load())
    .then(
      (items) => {
        if (stopped) return;
        for (const item of items) known.set(item.clientId, item);
        store.getState().outboxTold(items);
      },
      () => undefined,
    );

  const write = (change: Parameters<OutboxStorage['write']>[0]) => {
    written = written
      .then(() => storage)
      .then((opened) => opened.write(change))
      // A full disk must not stop the sending; the text is in the page as long as it is open.
      .catch(() => undefined);
  };

  const save = (outbox: Outbox) => {
    const keeping = outbox.filter(worthKeeping);
    const put = keeping.filter((item) => known.get(item.clientId) !== item);
    const ids = new Set(keeping.map(({ clientId }) => clientId));
    const gone = [...known.values()].filter(({ clientId }) => !ids.has(clientId));
    if (put.length === 0 && gone.length === 0) return;
    for (const item of put) known.set(item.clientId, item);
    for (const { clientId } of gone) known.delete(clientId);
    const remove = gone.map(({ clientId }) => clientId);
    // What was stored by the server reaches other tabs by the log; only what was thrown away they cannot know.
    const discarded = gone.filter(({ state }) => state === 'failed').map(({ clientId }) => clientId);
    write({ put, remove });
    if (put.length > 0 || discarded.length > 0) tell({ put, discarded });
  };

  const unsubscribe = store.subscribe((state, before) => {
    if (!stopped && state.outbox !== before.outbox) save(state.outbox);
  });

  return {
    kept: () => written,
    heard: ({ put, discarded }) => {
      for (const item of put) known.set(item.clientId, item);
      for (const clientId of discarded) known.delete(clientId);
      if (discarded.length > 0) {
        // A write of ours that was still waiting would bring it back: so it is removed once more, behind that.
        write({ put: [], remove: discarded });
        store.getState().messagesSettled(new Set(discarded));
      }
      if (put.length > 0) store.getState().outboxTold(put);
    },
    stop: () => {
      stopped = true;
      unsubscribe();
      void written
        .then(() => storage)
        .then(
          (opened) => opened.close(),
          () => undefined,
        );
    },
  };
};
