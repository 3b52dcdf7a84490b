import { LRUCache } from 'lru-cache';
import { type Model, Types } from 'mongoose';
import { upsert } from '../../database/duplicate-key.js';
import { entryIndexes, isCounted } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { hiddenFromOthers } from '../../conversation-log/visibility.js';
import { changedNow, type MemberRow, noMark, ownRow, type WhoseRow } from '../members/members.model.js';

export interface MarksDeps {
  log: Pick<ConversationLog, 'entries'>;
  members: Model<MemberRow>;
}

export type Marks = ReturnType<typeof createMarks>;

/**
 * "Mark as unread". A mark holds until its person reads or writes. That they wrote is seen in the log and not written
 * down on the way of a send: so a send costs nothing, and no crash between the two leaves a mark that should be gone.
 */
export function createMarks({ log, members }: MarksDeps) {
  /** Marks that this process has seen: whose next message is worth a look. */
  const seen = new LRUCache<string, true>({ max: 50_000 });
  const keyOf = (userId: string, conversationId: string): string => `${conversationId}:${userId}`;
  const { model } = log.entries;

  /**
   * Whether the log has a message of this person's beyond the mark. However much others wrote there, that is a step in an
   * index: among what all see, or among what is hidden from the other one. A message that was deleted again is not found;
   * it took the mark back when it was written, where this process knew of the mark.
   */
  async function wroteSince(
    userId: string,
    { conversationId, unreadMarkedAt = 0 }: MemberRow,
  ): Promise<boolean> {
    const me = new Types.ObjectId(userId);
    const own = { conversationId, senderId: me, seq: { $gt: unreadMarkedAt } };
    const seen = await model.exists({ ...own, ...isCounted }).hint(entryIndexes.unread);
    if (seen) return true;
    const hidden = { ...own, ...hiddenFromOthers(me) };
    return (await model.exists(hidden).hint(entryIndexes.messages)) !== null;
  }

  return {
    /** @param headSeq where the log ends: what its person writes beyond it takes the mark back. */
    async set(whose: WhoseRow, fromSeq: number, headSeq: number): Promise<void> {
      const mark = { $set: { unreadFromSeq: fromSeq, unreadMarkedAt: headSeq }, ...changedNow };
      const { filter, update, upsert: begins } = ownRow(whose, mark);
      await upsert(() => members.updateOne(filter, update, { upsert: begins }).exec());
      seen.set(keyOf(whose.userId, whose.conversationId.toString()), true);
    },

    /** The marks that still hold among what is stored, by conversation. */
    async holding(userId: string, own: Iterable<MemberRow>): Promise<Map<string, number>> {
      const marked = new Map<string, MemberRow & { unreadFromSeq: number }>();
      for (const row of own) {
        const { unreadFromSeq } = row;
        if (unreadFromSeq !== undefined)
          marked.set(row.conversationId.toHexString(), { ...row, unreadFromSeq });
      }
      if (marked.size === 0) return new Map();
      await Promise.all(
        [...marked].map(async ([id, row]) => {
          if (await wroteSince(userId, row)) marked.delete(id);
        }),
      );
      for (const conversationId of marked.keys()) seen.set(keyOf(userId, conversationId), true);
      return new Map([...marked].map(([id, { unreadFromSeq }]) => [id, unreadFromSeq]));
    },

    /** False where no mark of this person's is known to be there: then `wrote` has nothing to do. */
    isSeen: (userId: string, conversationId: string): boolean =>
      seen.size > 0 && seen.has(keyOf(userId, conversationId)),

    /**
     * The person's own message was stored at `seq`. Asks the database only where a mark is known to be there.
     * @returns true where it took a mark back.
     */
    async wrote(userId: string, conversationId: string, seq: number): Promise<boolean> {
      const key = keyOf(userId, conversationId);
      if (!seen.delete(key)) return false;
      const { modifiedCount } = await members.updateOne(
        { conversationId, userId, unreadMarkedAt: { $lt: seq } },
        { $unset: noMark, ...changedNow },
      );
      // A message from before the mark was emitted again: the next one is still worth a look.
      if (modifiedCount === 0) seen.set(key, true);
      return modifiedCount > 0;
    },
  };
}
