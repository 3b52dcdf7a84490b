import { keepingOwn, listedAt } from '@sori/client';
import type { Id, Message } from '@sori/contract';
import { openAccountDatabase, type KeptConversation } from '../../store/accountDatabase';
import {
  cutMessages,
  isNewer,
  keptAfter,
  keptConversations,
  keptFrom,
  keptMessages,
  withCounts,
  type CacheChange,
} from './keptConversations';

/** What this device keeps of one account's conversations, so that they can be read before, and without, the network. */
export type CacheStorage = {
  /** The latest activity first. */
  conversations: () => Promise<KeptConversation[]>;
  /** With what is kept of its messages, oldest first. */
  messages: (conversationId: Id) => Promise<{ kept: KeptConversation; messages: Message[] } | null>;
  /** Cursor and messages in one step: all or nothing of it is there after a crash. */
  write: (changes: readonly CacheChange[]) => Promise<void>;
  forget: (conversationIds: readonly Id[]) => Promise<void>;
  clear: () => Promise<void>;
  close: () => void;
};

export type OpenCacheStorage = (account: Id) => Promise<CacheStorage>;

const latestFirst = (kept: KeptConversation[]): KeptConversation[] =>
  kept.sort(
    (one, other) =>
      Date.parse(listedAt(other.held.conversation)) - Date.parse(listedAt(one.held.conversation)),
  );

/** Lives as long as the page: for browsers that keep nothing (some private windows), and for tests. */
export const createMemoryCache = (): OpenCacheStorage => {
  const accounts = new Map<Id, Map<Id, { kept: KeptConversation; messages: Map<number, Message> }>>();
  return (account) => {
    const held = accounts.get(account) ?? new Map<Id, never>();
    accounts.set(account, held);
    return Promise.resolve({
      conversations: () => Promise.resolve(latestFirst([...held.values()].map(({ kept }) => kept))),
      messages: (conversationId) => {
        const one = held.get(conversationId);
        if (one === undefined) return Promise.resolve(null);
        const messages = [...one.messages.values()].sort((first, second) => first.seq - second.seq);
        return Promise.resolve({ kept: one.kept, messages });
      },
      write: (changes) => {
        for (const change of changes) {
          const before = held.get(change.conversationId);
          const { kept, startsOver, messages: learned } = keptAfter(before?.kept, change);
          const messages = new Map(startsOver ? [] : before?.messages);
          for (const message of learned)
            if (message.seq >= kept.from && isNewer(message, messages.get(message.seq)))
              messages.set(message.seq, keepingOwn(message, messages.get(message.seq)));
          const seqs = [...messages.keys()].sort((one, other) => one - other);
          const from = seqs.length > cutMessages ? (seqs.at(-keptMessages) ?? kept.from) : kept.from;
          for (const seq of seqs) if (seq < from) messages.delete(seq);
          held.set(change.conversationId, { kept: keptFrom(kept, from), messages });
        }
        return Promise.resolve();
      },
      forget: (conversationIds) => {
        for (const conversationId of conversationIds) held.delete(conversationId);
        return Promise.resolve();
      },
      clear: () => {
        held.clear();
        return Promise.resolve();
      },
      close: () => undefined,
    });
  };
};

const allOf = (conversationId: Id): IDBKeyRange =>
  IDBKeyRange.bound([conversationId, 0], [conversationId, Number.MAX_SAFE_INTEGER]);
const below = (conversationId: Id, seq: number): IDBKeyRange =>
  IDBKeyRange.bound([conversationId, 0], [conversationId, seq], false, true);

export const openIndexedDbCache: OpenCacheStorage = async (account) => {
  const database = await openAccountDatabase(account);
  const both = () => database.transaction(['conversations', 'messages'], 'readwrite');
  type Transaction = ReturnType<typeof both>;

  const writeOne = async (transaction: Transaction, change: CacheChange): Promise<void> => {
    const { conversationId } = change;
    const conversations = transaction.objectStore('conversations');
    const messages = transaction.objectStore('messages');
    const {
      kept,
      startsOver,
      messages: learned,
    } = keptAfter(await conversations.get(conversationId), change);
    if (startsOver) await messages.delete(allOf(conversationId));
    for (const message of learned) {
      if (message.seq < kept.from) continue;
      const before = await messages.get([conversationId, message.seq]);
      if (isNewer(message, before)) await messages.put(keepingOwn(message, before));
    }
    let { from } = kept;
    if ((await messages.count(allOf(conversationId))) > cutMessages) {
      const keys = await messages.getAllKeys(allOf(conversationId));
      from = keys.at(-keptMessages)?.[1] ?? from;
      await messages.delete(below(conversationId, from));
    }
    await conversations.put(keptFrom(kept, from));
  };

  const forget = async (conversationIds: readonly Id[]): Promise<void> => {
    const transaction = both();
    await Promise.all([
      ...conversationIds.flatMap((conversationId) => [
        transaction.objectStore('conversations').delete(conversationId),
        transaction.objectStore('messages').delete(allOf(conversationId)),
      ]),
      transaction.done,
    ]);
  };

  return {
    conversations: async () => {
      const kept = latestFirst(await database.getAll('conversations'));
      const tooMany = kept.splice(keptConversations);
      if (tooMany.length > 0) await forget(tooMany.map(({ conversationId }) => conversationId));
      return kept;
    },
    messages: async (conversationId) => {
      // One transaction: between the two reads another tab may start it over.
      const transaction = database.transaction(['conversations', 'messages']);
      const [kept, messages] = await Promise.all([
        transaction.objectStore('conversations').get(conversationId),
        transaction.objectStore('messages').getAll(allOf(conversationId)),
        transaction.done,
      ]);
      return kept === undefined ? null : { kept, messages: messages.map(withCounts) };
    },
    write: async (changes) => {
      // Not `strict`: what a power cut takes away goes with its cursor, and is fetched again.
      const transaction = both();
      await Promise.all([
        (async () => {
          for (const change of changes) await writeOne(transaction, change);
        })(),
        transaction.done,
      ]);
    },
    forget,
    clear: async () => {
      const transaction = both();
      await Promise.all([
        transaction.objectStore('conversations').clear(),
        transaction.objectStore('messages').clear(),
        transaction.done,
      ]);
    },
    close: () => database.close(),
  };
};

/** IndexedDB, or memory where the browser refuses it. */
export const openBestCache = (): OpenCacheStorage => {
  const memory = createMemoryCache();
  return (account) => openIndexedDbCache(account).catch(() => memory(account));
};
