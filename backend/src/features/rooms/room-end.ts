import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Caller } from '../../core/caller.js';
import { nobody } from './room-id.js';

export interface RoomEndDeps {
  log: Pick<ConversationLog, 'append'>;
  /** Puts into the audit trail that an administrator deleted this person's room. Twice is once. */
  recordRemoval: (caller: Pick<Caller, 'userId'>, room: { _id: string; ownerId: string }) => Promise<unknown>;
}

export type RoomEnd = ReturnType<typeof createRoomEnd>;

/** What is written when a room is deleted: right then, or by the sweep where that failed. Again is once. */
export function createRoomEnd({ log, recordRemoval }: RoomEndDeps) {
  return {
    /**
     * Ends its log. Who was let in to write before the room was deleted comes either before this entry, and is answered that
     * it is stored, or after it: then the members have changed, the right is looked at again, and there is none.
     */
    async endLog(conversationId: string): Promise<void> {
      await log.append({
        conversationId,
        senderId: nobody,
        clientId: ':deleted',
        payloadHash: '',
        payload: { kind: 'member', change: 'removed', userIds: [] },
        bytes: 600,
        rights: { membersVersion: 0, recheck: () => Promise.resolve(Number.MAX_SAFE_INTEGER) },
      });
    },

    /** After it is done, so that nothing stands in the audit trail that was not. */
    async record({
      _id,
      ownerId,
      deletedBy,
    }: Pick<ConversationRow, '_id' | 'ownerId' | 'deletedBy'>): Promise<void> {
      if (ownerId === undefined || deletedBy === undefined || ownerId.equals(deletedBy)) return;
      await recordRemoval(
        { userId: deletedBy.toHexString() },
        { _id: _id.toHexString(), ownerId: ownerId.toHexString() },
      );
    },
  };
}
