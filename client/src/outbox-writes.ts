import type { Clock } from './clock.js';
import type { OutboxItem } from './outbox.js';
import type { OutboxStorage } from './outbox-storage.js';
import { waitedFor } from './patience.js';

type Deps = {
  clock: Pick<Clock, 'after'>;
  storage: Promise<OutboxStorage>;
  /** Called with what storage held, before anything is written to it. */
  loaded: (items: readonly OutboxItem[]) => void;
  /** Whether what is written outlives the program, as far as that is known by now. */
  keepingChanged: (isKept: boolean) => void;
};

export type OutboxWrites = {
  /** Storage has been read, or has failed, or is not waited for any longer. */
  ready: Promise<void>;
  write: (put: readonly OutboxItem[], remove: readonly string[]) => void;
  /** Settles when the last write of that item is done, or has failed, or is not waited for any longer. */
  written: (clientId: string) => Promise<void>;
  /** Closes the storage behind the last write. */
  close: () => void;
};

/** Reads the outbox's storage once, and writes to it: one write after the other, and each takes along what came meanwhile. */
export const createOutboxWrites = ({ clock, storage, loaded, keepingChanged }: Deps): OutboxWrites => {
  /** What the next write takes along. */
  let putting = new Map<string, OutboxItem>();
  let removing = new Set<string>();
  let next: Promise<void> | null = null;
  /** The write that stores an item, until it is done. */
  const writes = new Map<string, Promise<void>>();
  /** It was once waited for in vain, and has not answered since: nobody waits for it again. */
  let hangs = false;

  const waitFor = async (work: Promise<unknown>): Promise<void> => {
    if (hangs || (await waitedFor(clock, work))) return;
    hangs = true;
    keepingChanged(false);
  };

  const load = storage
    .then(async (opened) => {
      const items = await opened.load();
      hangs = false;
      keepingChanged(opened.outlivesPage);
      loaded(items);
    })
    .catch(() => keepingChanged(false));
  let last = load;

  const flush = async (): Promise<void> => {
    const [put, remove, write] = [putting, removing, next];
    [putting, removing, next] = [new Map<string, OutboxItem>(), new Set<string>(), null];
    try {
      const opened = await storage;
      await opened.write({ put: [...put.values()], remove: [...remove] });
      keepingChanged(opened.outlivesPage);
    } catch {
      // A full disk must not stop the sending; the text is in the page as long as it is open.
      keepingChanged(false);
    }
    hangs = false;
    for (const clientId of put.keys()) if (writes.get(clientId) === write) writes.delete(clientId);
  };

  return {
    ready: waitFor(load),
    write: (put, remove) => {
      next ??= last = last.then(flush);
      for (const item of put) {
        putting.set(item.clientId, item);
        removing.delete(item.clientId);
        writes.set(item.clientId, next);
      }
      for (const clientId of remove) {
        putting.delete(clientId);
        removing.add(clientId);
        // Whoever waited to send it need not wait for what does not come.
        writes.delete(clientId);
      }
    },
    written: async (clientId) => {
      const write = writes.get(clientId);
      if (write !== undefined) await waitFor(write);
    },
    close: () => {
      void last
        .then(() => storage)
        .then(
          (opened) => opened.close(),
          () => undefined,
        );
    },
  };
};
