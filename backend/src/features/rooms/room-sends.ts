import type { Role, RoomPerson } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../../core/caller.js';
import { notFound, refused } from '../../core/errors.js';
import { entryIndexes, isCounted } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { RoomRows } from './rooms.model.js';
import { createSlowModeNotes } from './slow-mode-notes.js';
import { createSlowMode } from './slow-mode.js';

export interface RoomSendsDeps {
  log: Pick<ConversationLog, 'conversations' | 'entries' | 'isStored'>;
  visitors: RoomRows['visitors'];
  roleIn: (conversationId: string, userId: string) => Promise<Role | null>;
  /** Somebody who is in the room. */
  find: (conversationId: string, userId: string) => Promise<RoomPerson | null>;
  fullNameOf: (userId: string) => Promise<string>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Among so many of the newest entries a message that its writer deleted is looked for. */
const lookedBack = 200;

export type RoomSends = ReturnType<typeof createRoomSends>;

/** A message on its way into a room. */
export interface RoomSend {
  conversationId: string;
  clientId?: string | undefined;
}

/** The rules for writing in a room, and under which name. */
export function createRoomSends({ log, visitors, roleIn, find, fullNameOf, now }: RoomSendsDeps) {
  const { model } = log.entries;
  /** What guests are called. A socket's session has the name of its handshake. */
  const guestNames = new LRUCache<string, string>({ max: 10_000, ttl: 1_000 });
  /** Slow modes. Another server may change one. */
  const seconds = new LRUCache<string, number>({ max: 10_000, ttl: 1_000 });
  const notes = createSlowModeNotes({ visitors });
  const takeTurn = createSlowMode({
    ...notes,
    async latestOf(conversationId, userId) {
      const fields = { kind: 1, senderId: 1, seq: 1, at: 1, clientId: 1 } as const;
      const [newest, recent] = await Promise.all([
        // By what they wrote themselves, however much they and others did.
        model
          .findOne({ conversationId, senderId: userId, ...isCounted }, fields)
          .sort({ seq: -1 })
          .hint(entryIndexes.unread)
          .lean(),
        // Deleted messages are not in that index, and deleting one does not let its writer write again.
        model
          .find({ conversationId }, fields)
          .sort({ seq: -1 })
          .limit(lookedBack)
          .hint(entryIndexes.seq)
          .lean(),
      ]);
      const own = recent.find(({ kind, senderId }) => kind === 'message' && senderId.equals(userId));
      const row = own && own.seq > (newest?.seq ?? 0) ? own : newest;
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

    /** From now on, for whoever writes. */
    async slowModeChanged(conversationId: string): Promise<void> {
      seconds.delete(conversationId);
      await notes.forget(conversationId);
    },

    /** @throws AppError "REFUSED" for a guest of a room where guests may not */
    async requireMaySendFiles({ guest }: Caller): Promise<void> {
      if (!guest) return;
      const room = await log.conversations.findOne({ _id: guest.conversationId }, { guestFiles: 1 }).lean();
      if (room?.guestFiles !== true) throw refused('guestFiles', 'Guests cannot send files in this room');
    },

    /**
     * To be called before each message, in the order in which a person sends.
     * @returns what the writer is called there
     * @throws AppError "REFUSED" (slow mode; not for the owner)
     */
    async beforeSend(caller: Caller, { conversationId, clientId }: RoomSend): Promise<string> {
      const { userId } = caller;
      const slow = await slowModeOf(conversationId);
      if (slow > 0 && (await roleIn(conversationId, userId)) !== 'owner')
        await takeTurn({ conversationId, userId, clientId }, slow);
      return caller.guest ? guestNameOf(userId, conversationId) : fullNameOf(userId);
    },
  };
}
