import { waitedFor } from './patience.js';
import type { Clock } from './clock.js';
import type { HeldOutbox } from './held-outbox.js';
import { difference, type OutboxItem } from './outbox.js';
import type { OutboxStorage } from './outbox-storage.js';

/** What the tabs of one account tell each other about their common outbox. */
export type OutboxNews = { put: OutboxItem[]; discarded: string[] };

type Deps = {
  outbox: HeldOutbox;
  clock: Pick<Clock, 'after'>;
  storage: Promise<OutboxStorage>;
  /** To the account's other tabs. */
  tell: (news: OutboxNews) => void;
  /** Whether what is written outlives the program, as far as that is known by now. */
  keepingTold: (isKept: boolean) => void;
};

export type KeptOutbox = {
  /**
   * What storage held is in the outbox, or nothing can be had from it, or not soon. Before that the order of sending is not
   * known.
   */
  ready: Promise<void>;
  /**
   * Settles when this state of the item is stored, also where the storage failed or does not answer: then sending is all
   * that is left.
   */
  kept: (item: OutboxItem) => Promise<void>;
  /** Whether another tab, and not this one, wrote it. */
  isOthers: (item: OutboxItem) => boolean;
  /** Another tab has written, changed or discarded some. */
  heard: (news: OutboxNews) => void;
  stop: () => void;
};

/** Only these are worth keeping: what the server has stored is in its log. */
const worthKeeping = ({ state }: OutboxItem): boolean => state !== 'stored';

/** Keeps storage and the other tabs in step with the outbox, and begins with what storage holds. */
export const keepOutbox = ({ outbox, clock, storage, tell, ...deps }: Deps): KeptOutbox => {
  /** The state of each item as it is stored, or on its way there. */
  const known = new Map<string, OutboxItem>();
  /** Those of them that another tab wrote. */
  const others = new Set<string>();
  /** What the next write takes along: however much comes while one is under way, it is one write. */
  let putting = new Map<string, OutboxItem>();
  let removing = new Set<string>();
  let next: Promise<void> | null = null;
  /** The write that stores an item, until it is done. */
  const writes = new Map<string, Promise<void>>();
  let stopped = false;
  /** It was once waited for in vain, and has not answered since: nobody waits for it again. */
  let hangs = false;

  const keepingTold = (isKept: boolean) => {
    if (!stopped) deps.keepingTold(isKept);
  };
  const waitFor = async (work: Promise<unknown>): Promise<void> => {
    if (hangs || (await waitedFor(clock, work))) return;
    hangs = true;
    keepingTold(false);
  };

  const loaded = storage
    .then(async (opened) => {
      const items = await opened.load();
      hangs = false;
      keepingTold(opened.outlivesPage);
      if (stopped) return;
      for (const item of items) known.set(item.clientId, item);
      outbox.loaded(items);
    })
    .catch(() => keepingTold(false));
  let written = loaded;

  const flush = async (): Promise<void> => {
    const [put, remove, write] = [putting, removing, next];
    [putting, removing, next] = [new Map<string, OutboxItem>(), new Set<string>(), null];
    try {
      const opened = await storage;
      await opened.write({ put: [...put.values()], remove: [...remove] });
      keepingTold(opened.outlivesPage);
    } catch {
      // A full disk must not stop the sending; the text is in the page as long as it is open.
      keepingTold(false);
    }
    hangs = false;
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

  const forget = (clientId: string) => {
    known.delete(clientId);
    others.delete(clientId);
  };

  const unsubscribe = outbox.subscribe((now, before) => {
    if (stopped) return;
    const changed = difference(before, now);
    const put = changed.put.filter((item) => worthKeeping(item) && known.get(item.clientId) !== item);
    const gone = [...changed.gone, ...changed.put.filter((item) => !worthKeeping(item))].flatMap(
      ({ clientId }) => known.get(clientId) ?? [],
    );
    if (put.length === 0 && gone.length === 0) return;
    for (const item of put) known.set(item.clientId, item);
    for (const { clientId } of gone) forget(clientId);
    // What was stored by the server reaches other tabs by the log; only what was thrown away they cannot know.
    const discarded = gone.filter(({ state: was }) => was === 'failed').map(({ clientId }) => clientId);
    write(
      put,
      gone.map(({ clientId }) => clientId),
    );
    if (put.length > 0 || discarded.length > 0) tell({ put, discarded });
  });

  return {
    ready: waitFor(loaded),
    kept: async ({ clientId }) => {
      const write = writes.get(clientId);
      if (write !== undefined) await waitFor(write);
    },
    isOthers: ({ clientId }) => others.has(clientId),
    heard: ({ put, discarded }) => {
      for (const item of put) {
        if (!known.has(item.clientId)) others.add(item.clientId);
        known.set(item.clientId, item);
      }
      for (const clientId of discarded) forget(clientId);
      if (discarded.length > 0) {
        // A write of ours that was still waiting would bring it back: so it is removed once more, behind that.
        write([], discarded);
        outbox.settled(new Set(discarded));
      }
      if (put.length > 0) outbox.told(put);
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
