import type { AuditEntry } from '@sori/contract';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** One thing that an admin did. Written once and never changed. */
export interface AuditRow {
  _id: Types.ObjectId;
  at: Date;
  action: AuditEntry['action'];
  adminId: Types.ObjectId;
  userId: Types.ObjectId;
  messageId?: Types.ObjectId;
  reportId?: Types.ObjectId;
  /** Names the act, so that it stands here once however often it is tried. Rows from before there were names have none. */
  once?: string;
}

const { ObjectId } = Schema.Types;

/** Read by `_id`, whose order is that of the time. */
export function auditOn(connection: Connection): Model<AuditRow> {
  const schema = new Schema<AuditRow>(
    {
      at: { type: Date, required: true },
      action: { type: String, required: true },
      adminId: { type: ObjectId, required: true },
      userId: { type: ObjectId, required: true },
      messageId: ObjectId,
      reportId: ObjectId,
      once: String,
    },
    { collection: 'audit', versionKey: false, autoIndex: false, autoCreate: false },
  );
  return connection.model<AuditRow>('Audit', schema);
}
