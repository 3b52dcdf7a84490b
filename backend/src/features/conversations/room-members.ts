import type { Role } from '@sori/contract';
import { type Model, type mongo, Types } from 'mongoose';
import { notFound } from '../../core/errors.js';
import type { ConversationRow } from '../../log/conversations.model.js';
import type { ConversationLog } from '../../log/log.js';
import { type MemberRow, upsert } from './members.model.js';

export interface RoomMembersDeps {
  log: Pick<ConversationLog, 'conversations' | 'newestSeq'>;
  members: Model<MemberRow>;
  writeConcern: mongo.WriteConcernSettings;
  /** Who is in the room has changed: this is how it is now. */
  changed: (row: ConversationRow) => void;
}

/** Who may read and write in an open room. Coming and going there is no history: nothing of it is in the log. */
export function createRoomMembers({ log, members, writeConcern, changed }: RoomMembersDeps) {
  async function change(conversationId: string, update: object): Promise<ConversationRow> {
    const options = { returnDocument: 'after', writeConcern } as const;
    const row = await log.conversations
      .findOneAndUpdate({ _id: conversationId, kind: 'room' }, update, options)
      .lean();
    if (!row) throw notFound();
    changed(row);
    return row;
  }

  return {
    /** Lets somebody in, who has read what was written before. Twice is once. @throws AppError NOT_FOUND */
    async admit(conversationId: string, userId: string, role: Role = 'member'): Promise<void> {
      const row = await log.conversations.findOne({ _id: conversationId, kind: 'room' }).lean();
      if (!row) throw notFound();
      const headSeq = await log.newestSeq(row);
      const begins = { role, joinSeq: 0, readSeq: headSeq, deliveredSeq: headSeq };
      await upsert(() =>
        members
          .updateOne({ conversationId, userId }, { $setOnInsert: begins }, { upsert: true, writeConcern })
          .exec(),
      );
      await change(conversationId, { $addToSet: { participants: new Types.ObjectId(userId) } });
    },

    /** From here on nothing of the room reaches that person. Twice is once. @throws AppError NOT_FOUND */
    async dismiss(conversationId: string, userId: string): Promise<void> {
      await change(conversationId, { $pull: { participants: new Types.ObjectId(userId) } });
      await members.deleteOne({ conversationId, userId }, { writeConcern });
    },

    async roleIn(conversationId: string, userId: string): Promise<Role | null> {
      const row = await members.findOne({ conversationId, userId }, { role: 1 }).lean();
      return row?.role ?? null;
    },
  };
}
