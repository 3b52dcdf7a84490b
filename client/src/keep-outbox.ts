import type { Clock } from './clock.js';
import type { HeldOutbox } from './held-outbox.js';
import { difference, type OutboxItem } from './outbox.js';
import { isHere } from './outgoing-files.js';
import type { OutboxStorage } from './outbox-storage.js';
import { createOutboxWrites } from './outbox-writes.js';

/** What the tabs of one account tell each other about their common outbox. */
export type OutboxChange = { put: OutboxItem[]; discarded: string[] };

type Deps = {
  outbox: HeldOutbox;
  clock: Pick<Clock, 'after'>;
  storage: Promise<OutboxStorage>;
  /** To the account's other tabs. */
  announce: (change: OutboxChange) => void;
  /** Whether what is written outlives the program, as far as that is known by now. */
  keepingChanged: (isKept: boolean) => void;
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
  received: (change: OutboxChange) => void;
  stop: () => void;
};

/** Only these are worth keeping: what the server has stored is in its log. */
const worthKeeping = ({ state }: OutboxItem): boolean => state !== 'stored';

/** Keeps storage and the other tabs in step with the outbox, and begins with what storage holds. */
export const keepOutbox = ({ outbox, clock, storage, announce, keepingChanged }: Deps): KeptOutbox => {
  /** The state of each item of the outbox as it is stored, or on its way there. */
  const known = new Map<string, OutboxItem>();
  /** Those of them that another tab wrote. */
  const others = new Set<string>();
  let stopped = false;

  const forget = (clientId: string) => {
    known.delete(clientId);
    others.delete(clientId);
  };

  /** What the log had told here already the outbox does not take: nothing is known of that either. @returns those */
  const takeIn = (items: readonly OutboxItem[], take: HeldOutbox['received']): string[] => {
    for (const item of items) known.set(item.clientId, item);
    take(items);
    const held = new Set(
      Object.values(outbox.current()).flatMap((lane) => lane.map(({ clientId }) => clientId)),
    );
    const left = items.map(({ clientId }) => clientId).filter((id) => known.has(id) && !held.has(id));
    for (const clientId of left) forget(clientId);
    return left;
  };

  const writes = createOutboxWrites({
    clock,
    storage,
    keepingChanged: (isKept) => {
      if (!stopped) keepingChanged(isKept);
    },
    loaded: (items) => {
      if (stopped) return;
      const left = takeIn(items, outbox.loaded);
      if (left.length > 0) writes.write([], left);
    },
  });

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
    const discarded = gone.filter(isHere).map(({ clientId }) => clientId);
    writes.write(
      put,
      gone.map(({ clientId }) => clientId),
    );
    if (put.length > 0 || discarded.length > 0) announce({ put, discarded });
  });

  return {
    ready: writes.ready,
    kept: ({ clientId }) => writes.written(clientId),
    isOthers: ({ clientId }) => others.has(clientId),
    received: ({ put, discarded }) => {
      for (const { clientId } of put) if (!known.has(clientId)) others.add(clientId);
      for (const clientId of discarded) forget(clientId);
      if (discarded.length > 0) {
        // A write of ours that was still waiting would bring it back: so it is removed once more, behind that.
        writes.write([], discarded);
        outbox.settled(new Set(discarded));
      }
      if (put.length > 0) takeIn(put, outbox.received);
    },
    stop: () => {
      stopped = true;
      unsubscribe();
      writes.close();
    },
  };
};
