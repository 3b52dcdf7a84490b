import type { Role, RoomPerson } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import { entryIndexes } from '../../log/entries.model.js';
import type { ConversationLog } from '../../log/log.js';
import { createSlowMode } from './slow-mode.js';

export interface WritingDeps {
  log: Pick<ConversationLog, 'conversations' | 'entries' | 'isStored'>;
  roleIn: (conversationId: string, userId: string) => Promise<Role | null>;
  /** Somebody who is in the room. */
  find: (conversationId: string, userId: string) => Promise<RoomPerson | null>;
  fullNameOf: (userId: string) => Promise<string>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** The rules for writing in a room, and under which name. */
export function createWriting({ log, roleIn, find, fullNameOf, now }: WritingDeps) {
  const { model } = log.entries;
  /** What guests are called. A socket's session has the name of its handshake. */
  const guestNames = new LRUCache<string, string>({ max: 10_000, ttl: 1_000 });
  /** Slow modes, which never change. */
  const seconds = new LRUCache<string, number>({ max: 10_000 });
  const slowMode = createSlowMode({
    async latestOf(conversationId, userId) {
      const row = await model
        .findOne(
          { conversationId, senderId: userId, kind: 'message', clientId: { $type: 'string' } },
          { at: 1, clientId: 1 },
        )
        .sort({ seq: -1 })
        // By what they wrote themselves, however much others did.
        .hint(entryIndexes.clientId)
        .lean();
      return row && { at: row.at.getTime(), clientId: row.clientId };
    },
    isStored: log.isStored,
    now,
  });

  async function guestNameOf(userId: string, conversationId: string): Promise<string> {
    const known = guestNames.get(userId);
    if (known !== undefined) return known;
    const person = await find(conversationId, userId);
    if (!person) throw notFound();
    guestNames.set(userId, person.name);
    return person.name;
  }

  async function slowModeOf(conversationId: string): Promise<number> {
    const known = seconds.get(conversationId);
    if (known !== undefined) return known;
    const row = await log.conversations.findOne({ _id: conversationId }, { slowModeSeconds: 1 }).lean();
    const { slowModeSeconds = 0 } = row ?? {};
    seconds.set(conversationId, slowModeSeconds);
    return slowModeSeconds;
  }

  return {
    /** A guest is called this from now on. */
    named: (userId: string, name: string): void => void guestNames.set(userId, name),

    /**
     * To be called before each message, in the order in which a person sends.
     * @returns what the writer is called there
     * @throws AppError "REFUSED" (slow mode; not for the owner)
     */
    async beforeSend(caller: Caller, conversationId: string, clientId: string | undefined): Promise<string> {
      const { userId } = caller;
      const slow = await slowModeOf(conversationId);
      if (slow > 0 && (await roleIn(conversationId, userId)) !== 'owner')
        await slowMode({ conversationId, userId, clientId }, slow);
      return caller.guest ? guestNameOf(userId, conversationId) : fullNameOf(userId);
    },
  };
}
