import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** How far somebody was in a conversation. */
export interface Seen {
  conversationId: Types.ObjectId;
  readSeq: number;
  deliveredSeq: number;
}

/** That one person blocks another. Lifting a block removes it. */
export interface BlockRow {
  _id: Types.ObjectId;
  userId: Types.ObjectId;
  blockedId: Types.ObjectId;
  at: Date;
  /** What the blocked one had been told of the other's reading until then: his ticks must neither go on nor go back. */
  seen: Seen[];
}

const { ObjectId } = Schema.Types;

export function blocksOn(connection: Connection): Model<BlockRow> {
  const schema = new Schema<BlockRow>(
    {
      userId: { type: ObjectId, required: true },
      blockedId: { type: ObjectId, required: true },
      at: { type: Date, required: true },
      seen: { type: [{ _id: false, conversationId: ObjectId, readSeq: Number, deliveredSeq: Number }] },
    },
    { collection: 'blocks', versionKey: false, autoIndex: false, autoCreate: false },
  );
  schema.index({ userId: 1, blockedId: 1 }, { unique: true });
  schema.index({ blockedId: 1 });
  return connection.model<BlockRow>('Block', schema);
}

interface VersionRow {
  _id: string;
  version: number;
}

/** Rises with every change of any block, so that each server learns in one small read whether what it remembers still holds. */
export function blocksVersionOn(connection: Connection): Model<VersionRow> {
  const schema = new Schema<VersionRow>(
    { _id: String, version: Number },
    { collection: 'versions', versionKey: false, autoIndex: false, autoCreate: false },
  );
  return connection.model<VersionRow>('BlocksVersion', schema);
}
