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
  /** What the blocked one had been shown of the other's reading until then: their ticks must neither go on nor go back. */
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
  return connection.model<BlockRow>('Block', schema);
}

/** Between whom something changed, and the version that it made. */
export interface BlockChange {
  version: number;
  between: string[];
}
/** Rises with every change of any block, so that each server learns in one small read whose relations it knows wrongly. */
export interface BlocksVersion {
  version: number;
  /** The latest ones. A server that missed more than these begins anew. */
  latest: BlockChange[];
}
type VersionRow = Partial<BlocksVersion> & { _id: string };

/** More than are made in the half second between two looks. */
const latestKept = 100;

export function blocksVersionOn(connection: Connection) {
  const schema = new Schema<VersionRow>(
    {
      _id: String,
      version: Number,
      latest: { type: [{ _id: false, version: Number, between: [String] }], default: undefined },
    },
    { collection: 'versions', versionKey: false, autoIndex: false, autoCreate: false },
  );
  const rows = connection.model<VersionRow>('BlocksVersion', schema);
  return {
    async read(): Promise<BlocksVersion> {
      const { version = 0, latest = [] } = (await rows.findById('blocks').lean()) ?? {};
      return { version, latest };
    },

    async raise(between: [string, string]): Promise<void> {
      const version = { $add: [{ $ifNull: ['$version', 0] }, 1] };
      const latest = { $concatArrays: [{ $ifNull: ['$latest', []] }, [{ version: '$version', between }]] };
      await rows.updateOne(
        { _id: 'blocks' },
        [{ $set: { version } }, { $set: { latest: { $slice: [latest, -latestKept] } } }],
        { upsert: true, updatePipeline: true },
      );
    },
  };
}
