import { createMemoryStorage, type OpenOutboxStorage, type OutboxItem } from '@sori/client';
import { openAccountDatabase } from '../../store/accountDatabase';

const partSize = 500;

export const openIndexedDb: OpenOutboxStorage = async (account) => {
  const database = await openAccountDatabase(account);
  return {
    outlivesPage: true,
    load: async () => {
      // One transaction, read in parts: the browser reads each part back in one go, and thousands at once are a pause.
      const { store, done } = database.transaction('outbox');
      // Whoever reads hears of what goes wrong, and this is not waited for then.
      done.catch(() => undefined);
      const items: OutboxItem[] = [];
      let range: IDBKeyRange | undefined;
      for (;;) {
        const part = await store.getAll(range, partSize);
        items.push(...part);
        const last = part.at(-1);
        if (last === undefined || part.length < partSize) break;
        range = IDBKeyRange.lowerBound(last.clientId, true);
      }
      await done;
      return items;
    },
    write: async ({ put, remove }) => {
      // `strict`: on the disk when it is done, as far as the browser can tell. A message that was shown as kept must be.
      // One that comes back after it was sent is sent again, and the server knows it: that may be forgotten.
      const durability = put.length > 0 ? 'strict' : 'relaxed';
      const transaction = database.transaction('outbox', 'readwrite', { durability });
      await Promise.all([
        ...put.map((item) => transaction.store.put(item)),
        ...remove.map((clientId) => transaction.store.delete(clientId)),
        transaction.done,
      ]);
    },
    close: () => database.close(),
  };
};

/** IndexedDB, or memory where the browser refuses it: then sending works and only a reload forgets. */
export const openBestStorage = (): OpenOutboxStorage => {
  const memory = createMemoryStorage();
  return (account) => openIndexedDb(account).catch(() => memory(account));
};
