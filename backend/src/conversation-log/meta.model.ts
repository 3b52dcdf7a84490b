import { randomBytes } from 'node:crypto';
import { type Connection, type Model, Schema } from 'mongoose';

interface MetaRow {
  _id: string;
  value: string;
}

/** What is made once with the database. */
export interface Meta {
  /** Which life of the database this is; renewed by restore, and then every cursor is worthless. Read afresh at each call. */
  epoch(): Promise<string>;
  /**
   * Key of `payloadHash`, 64 hex digits: it outlives restarts and secrets, and without it a deleted text could be guessed
   * from its hash.
   */
  payloadKey(): Promise<string>;
}

/** Acknowledged writes are durable: the connection carries the store's write concern. */
export function metaOn(connection: Connection): Meta {
  const schema = new Schema<MetaRow>(
    { _id: String, value: { type: String, required: true } },
    { collection: 'meta', versionKey: false, autoIndex: false, autoCreate: false },
  );
  const made = connection.models['Meta'] as Model<MetaRow> | undefined;
  const model = made ?? connection.model<MetaRow>('Meta', schema);
  const once = async (_id: string): Promise<string> => {
    const row = await model
      .findOneAndUpdate(
        { _id },
        { $setOnInsert: { value: randomBytes(32).toString('hex') } },
        { upsert: true, returnDocument: 'after' },
      )
      .lean();
    return row.value;
  };
  return {
    epoch: async () => (await once('epoch')).slice(0, 24),
    payloadKey: () => once('payloadKey'),
  };
}
