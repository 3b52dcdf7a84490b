import type { Role } from '@sori/contract';
import { type Model, Types } from 'mongoose';
import { AppError, notFound } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import { upsert } from '../../database/duplicate-key.js';
import { deleteByTurns, type TurnsOptions } from '../../database/delete-in-batches.js';
import { notDeleted } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Audiences } from './audiences.js';
import type { MemberRow } from './members.model.js';

export interface RoomMembersDeps {
  log: Pick<ConversationLog, 'conversations' | 'newestSeq'>;
  members: Model<MemberRow>;
  /** The same rows, for sweeping. */
  membersUpkeep: Model<MemberRow>;
  audiences: Pick<Audiences, 'roomChanged' | 'forgetRoom'>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Between two batches of rows, what others do has its turn. */
const decodedAtOnce = 250;

/**
 * Who may read and write in an open room: whoever has a row among its members. Coming and going there is no history: nothing of
 * it is in the log, but each change has a number, which the room's row has once the change is made.
 */
export function createRoomMembers({ log, members, membersUpkeep, audiences, now }: RoomMembersDeps) {
  const inOrder = createSerializeByKey();

  /** Also where nothing seems to have changed: the change may be that of a try that failed before this. @throws AppError NOT_FOUND */
  async function number(room: object, change: { conversationId: string; userId: string; isIn: boolean }) {
    const { conversationId } = change;
    try {
      await inOrder(conversationId, async () => {
        const row = await log.conversations
          .findOneAndUpdate(
            { _id: conversationId, ...room },
            { $inc: { membersChanges: 1 } },
            { returnDocument: 'after', projection: { membersChanges: 1 } },
          )
          .lean();
        if (!row) throw notFound();
        audiences.roomChanged({ ...change, number: row.membersChanges ?? 0 });
      });
    } catch (error) {
      audiences.forgetRoom(conversationId);
      throw error;
    }
  }

  return {
    /** Lets somebody in, who has read what was written before. Twice is once. @throws AppError NOT_FOUND */
    async admit(conversationId: string, userId: string, role: Role = 'member'): Promise<void> {
      const room = await log.conversations.findOne({ _id: conversationId, ...notDeleted }).lean();
      if (!room) throw notFound();
      const headSeq = await log.newestSeq(room);
      const begins = {
        role,
        joinSeq: 0,
        joinedAt: new Date(now()),
        firstSeq: 1,
        leftSeq: 0,
        readSeq: headSeq,
        deliveredSeq: headSeq,
      };
      const { upsertedCount } = await upsert(() =>
        members.updateOne({ conversationId, userId }, { $setOnInsert: begins }, { upsert: true }).exec(),
      );
      try {
        await number(notDeleted, { conversationId, userId, isIn: true });
      } catch (error) {
        // It was deleted meanwhile, and who was in it then may have been looked up before this.
        const isGone = error instanceof AppError && error.code === 'NOT_FOUND';
        if (isGone && upsertedCount > 0) await members.deleteOne({ conversationId, userId });
        throw error;
      }
    },

    /** From here on nothing of the room reaches that person. Twice is once. @throws AppError NOT_FOUND */
    async dismiss(conversationId: string, userId: string): Promise<void> {
      await members.deleteOne({ conversationId, userId });
      // Also where it was deleted meanwhile: that is no failure.
      await number({ kind: 'room' }, { conversationId, userId, isIn: false });
    },

    /**
     * Ends the room: from here on nobody comes in, and nothing of it is served to anybody who is.
     * @param sweepAt from when on what is left of it may be swept
     * @throws AppError NOT_FOUND where it is gone already
     */
    async dissolve(conversationId: string, by: string, sweepAt: Date): Promise<void> {
      const { modifiedCount } = await log.conversations.updateOne(
        { _id: conversationId, ...notDeleted },
        // Nothing is kept for a time any more: all of it is swept.
        {
          $set: { deletedAt: new Date(now()), deletedBy: new Types.ObjectId(by), sweepAt },
          $unset: { retentionHours: '' },
        },
      );
      audiences.forgetRoom(conversationId);
      if (modifiedCount === 0) throw notFound();
    },

    /** Everybody in the room, also in one that was deleted, until it is swept. */
    async everybodyIn(conversationId: string): Promise<string[]> {
      const rows = await members
        .find({ conversationId, leftSeq: 0 }, { userId: 1, _id: 0 })
        .batchSize(decodedAtOnce)
        .lean();
      return rows.map(({ userId }) => userId.toHexString());
    },

    /** Of a room that is deleted: what was kept of everybody who was in it. */
    forgetMembers: (conversationId: string, options: TurnsOptions): Promise<number> =>
      deleteByTurns(membersUpkeep, { conversationId: new Types.ObjectId(conversationId) }, options),

    /** Lets everybody out of a room that nobody can find just now. */
    async dismissAll(conversationId: string): Promise<void> {
      await deleteByTurns(membersUpkeep, { conversationId: new Types.ObjectId(conversationId) });
      await log.conversations.updateOne({ _id: conversationId }, { $inc: { membersChanges: 1 } });
      audiences.forgetRoom(conversationId);
    },

    /** Null for somebody who is not in the room. */
    async roleIn(conversationId: string, userId: string): Promise<Role | null> {
      const row = await members.findOne({ conversationId, userId, leftSeq: 0 }, { role: 1 }).lean();
      return row?.role ?? null;
    },
  };
}
