import { difference, type OutboxItem } from './outbox';
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
  /** What storage held is in the store, or nothing can be had from it. Before that the order of sending is not known. */
  ready: Promise<void>;
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
  /** What the next write takes along: however much comes while one is under way, it is one write. */
  let putting = new Map<string, OutboxItem>();
  let removing = new Set<string>();
  let next: Promise<void> | null = null;
  /** The write that stores an item, until it is done. */
  const writes = new Map<string, Promise<void>>();
  let stopped = false;
  const ready = storage
    .then((opened) => opened.load())
    .then(
      (items) => {
        if (stopped) return;
        for (const item of items) known.set(item.clientId, item);
        store.getState().outboxLoaded(items);
      },
      () => undefined,
    );
  let written = ready;

  const flush = async (): Promise<void> => {
    const [put, remove, write] = [putting, removing, next];
    [putting, removing, next] = [new Map<string, OutboxItem>(), new Set<string>(), null];
    try {
      await (await storage).write({ put: [...put.values()], remove: [...remove] });
    } catch {
      // A full disk must not stop the sending; the text is in the page as long as it is open.
    }
    for (const clientId of put.keys()) if (writes.get(clientId) === write) writes.delete(clientId);
  };

  const write = (put: readonly OutboxItem[], remove: readonly string[]) => {
    next ??= written = written.then(flush);
    for (const item of put) {
      putting.set(item.clientId, item);
      removing.delete(item.clientId);
      writes.set(item.clientId, next);
    }
    for (const clientId of remove) {
      putting.delete(clientId);
      removing.add(clientId);
    }
  };

  const unsubscribe = store.subscribe((state, before) => {
    if (stopped || state.outbox === before.outbox) return;
    const changed = difference(before.outbox, state.outbox);
    const put = changed.put.filter((item) => worthKeeping(item) && known.get(item.clientId) !== item);
    const gone = [...changed.gone, ...changed.put.filter((item) => !worthKeeping(item))].flatMap(
      ({ clientId }) => known.get(clientId) ?? [],
    );
    if (put.length === 0 && gone.length === 0) return;
    for (const item of put) known.set(item.clientId, item);
    for (const { clientId } of gone) known.delete(clientId);
    // What was stored by the server reaches other tabs by the log; only what was thrown away they cannot know.
    const discarded = gone.filter(({ state: was }) => was === 'failed').map(({ clientId }) => clientId);
    write(
      put,
      gone.map(({ clientId }) => clientId),
    );
    if (put.length > 0 || discarded.length > 0) tell({ put, discarded });
  });

  return {
    ready,
    kept: ({ clientId }) => writes.get(clientId) ?? Promise.resolve(),
    heard: ({ put, discarded }) => {
      for (const item of put) known.set(item.clientId, item);
      for (const clientId of discarded) known.delete(clientId);
      if (discarded.length > 0) {
        // A write of ours that was still waiting would bring it back: so it is removed once more, behind that.
        write([], discarded);
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
