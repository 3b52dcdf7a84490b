import { randomBytes } from 'node:crypto';
import type { ErrorCode, FileState } from '@sori/contract';
import { type Connection, type Model, Schema, Types } from 'mongoose';
import type { Home } from '../../files/blob-store.js';

/** Ids of files cannot be guessed from others, as those of other rows can. */
export const newFileId = (): Types.ObjectId => new Types.ObjectId(randomBytes(12));

/** One small copy of a picture. */
export interface CopyRow {
  /** In bytes. */
  size: number;
  type: string;
}

/** Which message a file is in, by what the sender knows before it is stored. */
export interface Claim {
  conversationId: Types.ObjectId;
  senderId: Types.ObjectId;
  clientId: string;
  /** That message was refused: until it is stored all the same, another one may have the file. */
  released?: boolean;
}

/**
 * A file as one person has it: an upload, then what a message carries. A forwarded file is another row over the same bytes,
 * so that deleting one does not take the other's.
 */
export interface FileRow {
  _id: Types.ObjectId;
  ownerId: Types.ObjectId;
  /** The bytes as they are served; of an upload that is not whole, as they came. */
  bytesId: Types.ObjectId;
  home: Home;
  state: 'receiving' | FileState;
  /** Until then a server is processing it, and says so again and again; later it was killed, and another one may. */
  processingUntil?: Date;
  /** How often that was begun. */
  tries?: number;
  /** Why it was refused. */
  code?: ErrorCode;
  name: string;
  /** As its sender says; what counts is `type`. */
  declaredType: string;
  /** By the content, once it is ready. */
  type: string;
  /** A browser may show it; everything else is only ever saved. */
  inline: boolean;
  /** In bytes: as declared, then as served. */
  size: number;
  /** In bytes, of an upload: as it was declared. What was cleaned is smaller, and whoever uploaded it does not know that. */
  uploadSize?: number;
  width?: number;
  height?: number;
  animated?: boolean;
  placeholder?: string;
  duration?: number;
  peaks?: number[];
  /** It may say where it was made. */
  mayTellPlace?: boolean;
  copies: { thumb?: CopyRow; display?: CopyRow };
  createdAt: Date;
  claim?: Claim;
  /**
   * When the sweeper looks whether it is still needed: what is in no message, what is about to be, and what may be in no
   * message any more. A file that is in a message, and nothing else is known of it, has none.
   */
  dueAt?: Date;
  /** It is about to be deleted, and nothing can claim it any more. */
  condemnedAt?: Date;
}

/** Bytes that are kept somewhere, from before the first of them is written until after the last is gone. */
export interface BytesRow {
  _id: Types.ObjectId;
  home: Home;
  /** Who brought them: they count for their quota. */
  ownerId: Types.ObjectId;
  /** With the small copies, in bytes; before they are whole, as declared. */
  size: number;
  /** The file rows over them. */
  refs: Types.ObjectId[];
  /** They are being deleted, and no file can be made over them any more. */
  condemned?: boolean;
  /** When the sweeper looks whether a file is served by them. Those that are served have none. */
  dueAt?: Date;
}

export interface Files {
  files: Model<FileRow>;
  bytes: Model<BytesRow>;
}

const { ObjectId, Mixed } = Schema.Types;
const options = (collection: string) =>
  ({ collection, versionKey: false, autoIndex: false, autoCreate: false, minimize: false }) as const;

/** Of this connection; asked again, the same. */
export function filesOn(connection: Connection): Files {
  const { File: files, Bytes: made } = connection.models as { File?: Files['files']; Bytes?: Files['bytes'] };
  if (files && made) return { files, bytes: made };
  const file = new Schema<FileRow>(
    {
      ownerId: { type: ObjectId, required: true },
      bytesId: { type: ObjectId, required: true },
      home: { type: String, required: true },
      state: { type: String, required: true },
      processingUntil: Date,
      tries: Number,
      code: String,
      name: { type: String, required: true },
      declaredType: { type: String, default: '' },
      type: { type: String, required: true },
      inline: { type: Boolean, required: true },
      size: { type: Number, required: true },
      uploadSize: Number,
      width: Number,
      height: Number,
      animated: Boolean,
      placeholder: String,
      duration: Number,
      peaks: { type: [Number], default: undefined },
      mayTellPlace: Boolean,
      copies: { type: Mixed, default: {} },
      createdAt: { type: Date, required: true },
      claim: Mixed,
      dueAt: Date,
      condemnedAt: Date,
    },
    options('files'),
  );
  const bytes = new Schema<BytesRow>(
    {
      home: { type: String, required: true },
      ownerId: { type: ObjectId, required: true },
      size: { type: Number, required: true },
      refs: { type: [ObjectId], required: true },
      condemned: Boolean,
      dueAt: Date,
    },
    options('bytes'),
  );
  return {
    files: connection.model<FileRow>('File', file),
    bytes: connection.model<BytesRow>('Bytes', bytes),
  };
}
