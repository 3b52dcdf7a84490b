import type { ReportAction } from '@sori/contract';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** That somebody reported a message or a person. No text of a message is kept here: what is deleted is gone. */
export interface ReportRow {
  _id: Types.ObjectId;
  reporterId: Types.ObjectId;
  /** What is reported: equal for the same message, and for the same person. */
  target: string;
  messageId?: Types.ObjectId;
  /** Who is reported; of a message, who wrote it. */
  userId: Types.ObjectId;
  reason: string;
  createdAt: Date;
  /** It waits for an admin. */
  open: boolean;
  resolved?: { action: ReportAction; at: Date; adminId: Types.ObjectId };
}

const { ObjectId } = Schema.Types;

export function reportsOn(connection: Connection): Model<ReportRow> {
  const schema = new Schema<ReportRow>(
    {
      reporterId: { type: ObjectId, required: true },
      target: { type: String, required: true },
      messageId: ObjectId,
      userId: { type: ObjectId, required: true },
      reason: { type: String, required: true },
      createdAt: { type: Date, required: true },
      open: { type: Boolean, required: true },
      resolved: Schema.Types.Mixed,
    },
    { collection: 'reports', versionKey: false, autoIndex: false, autoCreate: false },
  );
  return connection.model<ReportRow>('Report', schema);
}
