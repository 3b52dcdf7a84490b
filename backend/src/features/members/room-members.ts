import type { Role } from '@sori/contract';
import { type Model, Types } from 'mongoose';
import { notFound } from '../../core/errors.js';
import { upsert } from '../../database/duplicate-key.js';
import { deleteByTurns, type TurnsOptions } from '../../database/delete-in-batches.js';
import { type ConversationRow, notDeleted } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { MemberRow } from './members.model.js';

export interface RoomMembersDeps {
  log: Pick<ConversationLog, 'conversations' | 'newestSeq'>;
  members: Model<MemberRow>;
  /** The same rows, for sweeping. */
  membersUpkeep: Model<MemberRow>;
  /** Who is in the room has changed: this is how it is now. */
  changed: (row: ConversationRow) => void;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Who may read and write in an open room. Coming and going there is no history: nothing of it is in the log. */
export function createRoomMembers(deps: RoomMembersDeps) {
  const { log, members, membersUpkeep, changed, now } = deps;

  async function change(filter: object, update: object): Promise<ConversationRow> {
    const options = { returnDocument: 'after' } as const;
    const row = await log.conversations.findOneAndUpdate(filter, update, options).lean();
    if (!row) throw notFound();
    changed(row);
    return row;
  }

  return {
    /** Lets somebody in, who has read what was written before. Twice is once. @throws AppError NOT_FOUND */
    async admit(conversationId: string, userId: string, role: Role = 'member'): Promise<void> {
      const row = await log.conversations.findOne({ _id: conversationId, ...notDeleted }).lean();
      if (!row) throw notFound();
      const headSeq = await log.newestSeq(row);
      const joinedAt = new Date(now());
      const begins = { role, joinSeq: 0, joinedAt, readSeq: headSeq, deliveredSeq: headSeq };
      await upsert(() =>
        members.updateOne({ conversationId, userId }, { $setOnInsert: begins }, { upsert: true }).exec(),
      );
      const entered = { $addToSet: { participants: new Types.ObjectId(userId) } };
      await change({ _id: conversationId, ...notDeleted }, entered);
    },

    /** From here on nothing of the room reaches that person. Twice is once. @throws AppError NOT_FOUND */
    async dismiss(conversationId: string, userId: string): Promise<void> {
      // Also where it was deleted meanwhile: then nobody is in it any more, and that is no failure.
      const left = { $pull: { participants: new Types.ObjectId(userId) } };
      await change({ _id: conversationId, kind: 'room' }, left);
      await members.deleteOne({ conversationId, userId });
    },

    /**
     * Ends the room: from here on nobody is in it and nobody comes in, and so nothing of it is served to anybody.
     * @param sweepAt from when on what is left of it may be swept
     * @returns who was in it. @throws AppError NOT_FOUND where it is gone already
     */
    async dissolve(conversationId: string, by: string, sweepAt: Date): Promise<string[]> {
      const at = new Date(now());
      const options = { returnDocument: 'before' } as const;
      const row = await log.conversations
        .findOneAndUpdate(
          { _id: conversationId, ...notDeleted },
          // Nothing is kept for a time any more: all of it is swept.
          {
            $set: { deletedAt: at, deletedBy: new Types.ObjectId(by), sweepAt, participants: [] },
            $unset: { retentionHours: '' },
          },
          options,
        )
        .lean();
      if (!row) throw notFound();
      changed({ ...row, participants: [], deletedAt: at });
      return row.participants.map((id) => id.toHexString());
    },

    /** Of a room that is deleted: what was kept of everybody who was in it. */
    forgetMembers: (conversationId: string, options: TurnsOptions): Promise<number> =>
      deleteByTurns(membersUpkeep, { conversationId: new Types.ObjectId(conversationId) }, options),

    async roleIn(conversationId: string, userId: string): Promise<Role | null> {
      const row = await members.findOne({ conversationId, userId }, { role: 1 }).lean();
      return row?.role ?? null;
    },
  };
}
