import type { Id } from '@sori/contract';
import type { OutboxItem } from './outbox.js';

/** Where one account's unsent messages outlive the program, or the page. */
export type OutboxStorage = {
  /** False where it is only memory, and ends with the program, or the page. */
  outlivesPage: boolean;
  load: () => Promise<OutboxItem[]>;
  /** In one step: all or nothing of it is there after a crash. */
  write: (change: { put: readonly OutboxItem[]; remove: readonly string[] }) => Promise<void>;
  close: () => void;
};

export type OpenOutboxStorage = (account: Id) => Promise<OutboxStorage>;

/**
 * Lives as long as the program: for those that keep nothing, for browsers that keep nothing (some private windows), and for
 * tests.
 */
export const createMemoryStorage = ({ outlivesPage = false } = {}): OpenOutboxStorage => {
  const accounts = new Map<Id, Map<string, OutboxItem>>();
  return (account) => {
    const items = accounts.get(account) ?? new Map<string, OutboxItem>();
    accounts.set(account, items);
    return Promise.resolve({
      outlivesPage,
      load: () => Promise.resolve([...items.values()]),
      write: ({ put, remove }) => {
        for (const item of put) items.set(item.clientId, item);
        for (const clientId of remove) items.delete(clientId);
        return Promise.resolve();
      },
      close: () => undefined,
    });
  };
};
