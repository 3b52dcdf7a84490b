import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** Whose picture it is: a person or a group, by id. */
export interface PictureOwner {
  kind: 'person' | 'group';
  id: string;
}

/** A picture of somebody or of a group, small: up to 100 kB. */
export interface PictureRow {
  /** Its name: a hash of what it shows and whose it is. */
  _id: string;
  type: string;
  bytes: Buffer;
  owner: { kind: PictureOwner['kind']; id: Types.ObjectId };
  /** When the sweeper looks whether its owner still has it. One that is in use has none. */
  dueAt?: Date;
}

export function picturesOn(connection: Connection): Model<PictureRow> {
  const schema = new Schema<PictureRow>(
    {
      _id: String,
      type: { type: String, required: true },
      bytes: { type: Buffer, required: true },
      owner: { type: Schema.Types.Mixed, required: true },
      dueAt: Date,
    },
    { collection: 'pictures', versionKey: false, autoIndex: false, autoCreate: false },
  );
  return connection.model<PictureRow>('Picture', schema);
}
