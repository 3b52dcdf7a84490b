import type { KeptChange } from '@sori/client';
import type { Id } from '@sori/contract';
import { openAccountDatabase } from '../../store/accountDatabase';

/** Where what one account did to messages outlives the page until the server has it. */
export type ChangesStorage = {
  /** In the order of asking. */
  load: () => Promise<KeptChange[]>;
  put: (change: KeptChange) => Promise<unknown>;
  remove: (clientId: string) => Promise<unknown>;
  close: () => void;
};

export type OpenChangesStorage = (account: Id) => Promise<ChangesStorage>;

const inOrder = (kept: KeptChange[]): KeptChange[] => kept.sort((one, other) => one.order - other.order);

/** Lives as long as the page: for browsers that keep nothing (some private windows), and for tests. */
export const createMemoryChanges = (): OpenChangesStorage => {
  const accounts = new Map<Id, Map<string, KeptChange>>();
  return (account) => {
    const held = accounts.get(account) ?? new Map<string, KeptChange>();
    accounts.set(account, held);
    return Promise.resolve({
      load: () => Promise.resolve(inOrder([...held.values()])),
      put: (change) => Promise.resolve(held.set(change.clientId, change)),
      remove: (clientId) => Promise.resolve(held.delete(clientId)),
      close: () => undefined,
    });
  };
};

const openIndexedDbChanges: OpenChangesStorage = async (account) => {
  const database = await openAccountDatabase(account);
  return {
    load: async () => inOrder(await database.getAll('changes')),
    put: (change) => database.put('changes', change),
    remove: (clientId) => database.delete('changes', clientId),
    close: () => database.close(),
  };
};

/** IndexedDB, or memory where the browser refuses it: then only a reload forgets. */
export const openBestChanges = (): OpenChangesStorage => {
  const memory = createMemoryChanges();
  return (account) => openIndexedDbChanges(account).catch(() => memory(account));
};
