import { emptyOutbox, loaded, refused, settled, stored, received, written, type Written } from './outbox.js';
import type { Outbox, OutboxItem, Refused } from './outbox.js';
import type { Message } from '@sori/contract';

/** Where the outbox of one account is held while the program runs, as those see it who keep it and who send from it. */
export type HeldOutbox = {
  current: () => Outbox;
  /** Calls after every change of it. Returns what ends that. */
  subscribe: (changed: (now: Outbox, before: Outbox) => void) => () => void;
  /** Storage held these, from before whatever was written meanwhile. */
  loaded: (items: readonly OutboxItem[]) => void;
  /** Another tab has written or changed these. */
  received: (items: readonly OutboxItem[]) => void;
  /** Refused for good. */
  refused: (clientId: string, reason: Refused) => void;
  /** These are done with. */
  settled: (clientIds: ReadonlySet<string>) => void;
};

/** An outbox that is held by itself: for programs that show nothing. */
export type OwnOutbox = HeldOutbox & {
  written: (item: Written) => void;
  stored: (clientId: string, message: Message) => void;
};

export const createOutbox = (): OwnOutbox => {
  let outbox = emptyOutbox;
  const listeners = new Set<(now: Outbox, before: Outbox) => void>();
  const become = (next: Outbox) => {
    const before = outbox;
    if (next === before) return;
    outbox = next;
    for (const listener of listeners) listener(next, before);
  };
  return {
    current: () => outbox,
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    written: (item) => become(written(outbox, item)),
    stored: (clientId, message) => become(stored(outbox, clientId, message)),
    loaded: (items) => become(loaded(outbox, items)),
    received: (items) => become(received(outbox, items)),
    refused: (clientId, reason) => become(refused(outbox, clientId, reason, 0)),
    settled: (clientIds) => become(settled(outbox, clientIds)),
  };
};
