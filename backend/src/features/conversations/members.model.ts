import type { Role } from '@sori/contract';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** What is a person's own in a conversation: state, not history. In a direct one the row comes with its first change. */
export interface MemberRow {
  conversationId: Types.ObjectId;
  userId: Types.ObjectId;
  role: Role;
  /** Seq of the member's own `member` entry; 0 where the log is his from the beginning. */
  joinSeq: number;
  readSeq: number;
  deliveredSeq: number;
  mutedUntil?: Date;
}

const { ObjectId } = Schema.Types;

export function membersOn(connection: Connection): Model<MemberRow> {
  const schema = new Schema<MemberRow>(
    {
      conversationId: { type: ObjectId, required: true },
      userId: { type: ObjectId, required: true },
      role: { type: String, required: true },
      joinSeq: { type: Number, required: true },
      readSeq: { type: Number, required: true },
      deliveredSeq: { type: Number, required: true },
      mutedUntil: Date,
    },
    { collection: 'members', versionKey: false, autoIndex: false, autoCreate: false },
  );
  schema.index({ conversationId: 1, userId: 1 }, { unique: true });
  schema.index({ userId: 1 });
  return connection.model<MemberRow>('Member', schema);
}
