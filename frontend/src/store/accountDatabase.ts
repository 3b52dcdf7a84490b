import type { KeptChange, OutboxItem } from '@sori/client';
import type { Id, Message } from '@sori/contract';
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { KeptConversation } from './cache';

interface Schema extends DBSchema {
  outbox: { key: string; value: OutboxItem };
  conversations: { key: Id; value: KeptConversation };
  messages: { key: [Id, number]; value: Message };
  changes: { key: string; value: KeptChange };
}

export type AccountDatabase = IDBPDatabase<Schema>;

const nameOf = (account: Id): string => `sori-${account}`;

/** Nothing of a visit stays when it is over. Waits until whoever has it open has closed it. */
export const forgetAccountDatabase = async (account: Id): Promise<void> => {
  try {
    await deleteDB(nameOf(account));
  } catch {
    // Some private windows have none, others forbid it: then there is nothing to forget.
  }
};

/** One database per account: nothing of one person can be read, sent or deleted for another one. */
export const openAccountDatabase = async (account: Id): Promise<AccountDatabase> => {
  const database = await openDB<Schema>(nameOf(account), 3, {
    upgrade: (fresh, oldVersion) => {
      if (oldVersion < 1) fresh.createObjectStore('outbox', { keyPath: 'clientId' });
      if (oldVersion < 2) {
        fresh.createObjectStore('conversations', { keyPath: 'conversationId' });
        fresh.createObjectStore('messages', { keyPath: ['conversationId', 'seq'] });
      }
      if (oldVersion < 3) fresh.createObjectStore('changes', { keyPath: 'clientId' });
    },
    // Another tab has a newer version of the page and waits for this one to let go.
    blocking: () => database.close(),
  });
  return database;
};
