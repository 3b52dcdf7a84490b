import type { Attachment, GroupHistory, Role, SharedKind } from '@sori/contract';
import { type Connection, type Model, type mongo, Schema, type Types } from 'mongoose';
import type { Registers } from './reaction-registers.js';

/**
 * The rows of every conversation's log. Only the appender inserts here, and only
 * the projector changes what is there.
 */

export interface EntryBase {
  _id: Types.ObjectId;
  conversationId: Types.ObjectId;
  /** 1, 2, 3… without gaps in a conversation. */
  seq: number;
  senderId: Types.ObjectId;
  /** What makes a repeat harmless: one entry per (conversation, sender, clientId). Begins with `:` where the server made it. */
  clientId: string;
  /** Keyed hash of what was sent: tells a repeat from another content under the same clientId. */
  payloadHash: string;
  /** max(now, predecessor's): never runs backwards. */
  at: Date;
  /** Messages up to and with this entry. */
  messageCount: number;
  /** Seq of the latest change of membership up to and with this entry; 0 for none. */
  membersVersion: number;
  /**
   * Who is served this entry as `hidden`, for ever: of a message, who blocked its sender when it was appended; of a change,
   * whoever does not see the message that it changes.
   */
  hiddenFor?: Types.ObjectId;
}

/** A `message` entry is the message itself: it carries its own current text and reactions. */
export interface MessageRow extends EntryBase {
  kind: 'message';
  message: string;
  /** The other person of a direct conversation. */
  receiverId?: Types.ObjectId;
  /** In an open room: what its writer was called then. */
  senderName?: string;
  replyTo?: Types.ObjectId;
  /** Where that one stands, in a group: it is left out for who came later. */
  replyToSeq?: number;
  /** Members of a group whom the current text mentions. */
  mentions?: Types.ObjectId[];
  /** As they are shown: files do not change. */
  attachments: Attachment[];
  /** Which kinds of files it has, for the list of what was sent. Only where it has some. */
  shared?: SharedKind[];
  /** Its current text has an address in it. */
  hasLink?: true;
  reactions: Registers;
  updatedAt: Date;
  editedAt?: Date;
  /** Seq of the edit that gave the current text: the last writer by seq wins. */
  editedSeq?: number;
  deletedAt?: Date;
  pinnedAt?: Date | null;
  pinnedSeq?: number;
}
interface ChangeBase extends EntryBase {
  /** The seq of the message that is changed. */
  targetSeq: number;
}
export interface EditRow extends ChangeBase {
  kind: 'edit';
  /** The new text; wiped when the message is deleted. */
  message: string;
  /** Members of a group whom the new text mentions. */
  mentions?: Types.ObjectId[];
}
export interface DeleteRow extends ChangeBase {
  kind: 'delete';
}
export interface ReactRow extends ChangeBase {
  kind: 'react';
  /** The sender's whole set, not one more. */
  emojis: string[];
}
export interface PinRow extends ChangeBase {
  kind: 'pin';
  pinned: boolean;
}
export interface MemberRow extends EntryBase {
  kind: 'member';
  change: 'joined' | 'added' | 'left' | 'removed' | 'role';
  userIds: Types.ObjectId[];
  role?: Role;
  /** For those who come by this entry, as the group had it then. Never emitted. */
  history?: GroupHistory;
}
export interface TitleRow extends EntryBase {
  kind: 'title';
  name: string;
}
/** Where a number was lost, against all odds: see gap-repair.ts. */
export interface NoopRow extends EntryBase {
  kind: 'noop';
}
export type ChangeRow = EditRow | DeleteRow | ReactRow | PinRow;
export type EntryRow = MessageRow | ChangeRow | MemberRow | TitleRow | NoopRow;
export type EntryKind = EntryRow['kind'];
type Payload<Row> = Row extends EntryRow ? Omit<Row, keyof EntryBase | 'updatedAt'> : never;
/** What a kind adds to the fields that the appender fills in. */
export type EntryPayload = Payload<EntryRow>;

export const entryIndexes = {
  seq: 'conversationId_1_seq_1',
  clientId: 'conversationId_1_senderId_1_clientId_1',
  /** Messages alone, what is hidden from somebody apart from what all see: pages of them never walk over other entries. */
  messages: 'messages',
  /** The same without what was deleted: the newest one left is found at once, however many behind it are gone. */
  undeleted: 'undeleted',
  /**
   * Messages that can be unread, by sender: neither deleted nor hidden (what is hidden is so from the only person who could
   * have it unread). Counting skips a million of one's own, or deleted ones, because they are another stretch, or not in it.
   */
  unread: 'unread',
  /** The same, by who is mentioned. Most messages mention nobody and are not in it. */
  mentions: 'mentions',
} as const;

/** What these indexes hold. A query that says so is served by them; `null` is also "not there". */
export const isMessage = { kind: 'message' } as const;
export const isUndeleted = { kind: 'message', deletedAt: null } as const;
export const isCounted = { kind: 'message', deletedAt: null, hiddenFor: null } as const;
/** @returns what makes a counted message one that mentions this person */
export const mentioning = (userId: Types.ObjectId) =>
  ({ mentions: { $eq: userId, $type: 'objectId' } }) as const;

const { ObjectId } = Schema.Types;

export interface Entries {
  model: Model<EntryRow>;
  /** The driver's collection: inserting a hundred rows through mongoose documents costs several times the insert. */
  collection: mongo.Collection<EntryRow>;
}

export function entriesOn(connection: Connection): Entries {
  const base = new Schema<EntryRow>(
    {
      conversationId: { type: ObjectId, required: true },
      seq: { type: Number, required: true },
      senderId: { type: ObjectId, required: true },
      clientId: { type: String, required: true },
      payloadHash: { type: String, required: true },
      at: { type: Date, required: true },
      messageCount: { type: Number, required: true },
      membersVersion: { type: Number, required: true },
      hiddenFor: ObjectId,
    },
    {
      collection: 'entries',
      discriminatorKey: 'kind',
      versionKey: false,
      autoIndex: false,
      autoCreate: false,
    },
  );
  const model = connection.model<EntryRow>('Entry', base);
  model.discriminator(
    'MessageEntry',
    new Schema<MessageRow>(
      {
        message: { type: String, default: '' },
        receiverId: ObjectId,
        senderName: String,
        replyTo: ObjectId,
        replyToSeq: Number,
        mentions: { type: [ObjectId], default: undefined },
        attachments: { type: Schema.Types.Mixed, default: () => [] },
        shared: { type: [String], default: undefined },
        hasLink: Boolean,
        reactions: { type: [{ _id: false, userId: ObjectId, emojis: [String], seq: Number }], default: [] },
        updatedAt: { type: Date, required: true },
        editedAt: Date,
        editedSeq: Number,
        deletedAt: Date,
        pinnedAt: Date,
        pinnedSeq: Number,
      },
      { versionKey: false },
    ),
    'message',
  );
  const targetSeq = { type: Number, required: true };
  const edit = new Schema<EditRow>(
    { targetSeq, message: String, mentions: { type: [ObjectId], default: undefined } },
    { versionKey: false },
  );
  model.discriminator('EditEntry', edit, 'edit');
  model.discriminator('DeleteEntry', new Schema<DeleteRow>({ targetSeq }, { versionKey: false }), 'delete');
  model.discriminator(
    'ReactEntry',
    new Schema<ReactRow>({ targetSeq, emojis: [String] }, { versionKey: false }),
    'react',
  );
  model.discriminator(
    'PinEntry',
    new Schema<PinRow>({ targetSeq, pinned: Boolean }, { versionKey: false }),
    'pin',
  );
  model.discriminator(
    'MemberEntry',
    new Schema<MemberRow>(
      { change: String, userIds: [ObjectId], role: String, history: String },
      { versionKey: false },
    ),
    'member',
  );
  model.discriminator('TitleEntry', new Schema<TitleRow>({ name: String }, { versionKey: false }), 'title');
  model.discriminator('NoopEntry', new Schema<NoopRow>({}, { versionKey: false }), 'noop');
  return { model, collection: model.collection as unknown as mongo.Collection<EntryRow> };
}
