import type { HeldConversation, KeptChange, Notice, OutboxItem } from '@sori/client';
import type { Id, Message, Person } from '@sori/contract';
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';

/** One conversation as this device keeps it. */
export type KeptConversation = {
  readonly conversationId: Id;
  /** The life of the database in which all this was true. */
  readonly epoch: string;
  /** The log was followed up to here; what is kept of messages is as the log told it up to here. */
  readonly cursor: number;
  /** Every message from this seq up to the cursor is kept. Above the cursor: none is. */
  readonly from: number;
  readonly held: HeldConversation;
  /** What the log told about the group itself from `from` on. */
  readonly notices?: readonly Notice[];
  /** Which build of the page kept it: what it did not know, a later one may. */
  readonly build?: number;
  /** Who wrote, or is named, there: names that came later than the messages would move what somebody reads. */
  readonly people?: readonly Person[];
};

/** A file that waits to be sent, until the server has it. */
export type KeptFile = {
  /** `OutgoingFile.id`. */
  readonly id: string;
  readonly blob: Blob;
  /** This device's clock: what was left behind is cleared away after a while. */
  readonly keptAt: number;
};

interface Schema extends DBSchema {
  outbox: { key: string; value: OutboxItem };
  conversations: { key: Id; value: KeptConversation };
  messages: { key: [Id, number]; value: Message };
  changes: { key: string; value: KeptChange };
  files: { key: string; value: KeptFile };
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
  const database = await openDB<Schema>(nameOf(account), 4, {
    upgrade: (fresh, oldVersion) => {
      if (oldVersion < 1) fresh.createObjectStore('outbox', { keyPath: 'clientId' });
      if (oldVersion < 2) {
        fresh.createObjectStore('conversations', { keyPath: 'conversationId' });
        fresh.createObjectStore('messages', { keyPath: ['conversationId', 'seq'] });
      }
      if (oldVersion < 3) fresh.createObjectStore('changes', { keyPath: 'clientId' });
      if (oldVersion < 4) fresh.createObjectStore('files', { keyPath: 'id' });
    },
    // Another tab has a newer version of the page and waits for this one to let go.
    blocking: () => database.close(),
  });
  return database;
};
