import type { ConversationKind, Draft, Role } from '@sori/contract';
import { type Connection, type Model, Schema, Types, type UpdateQuery } from 'mongoose';

/**
 * What is a person's own in a conversation: state, not history. In a direct one the row comes with its first change. In a room
 * it is there for as long as the person is in it; in a group it says who is, and stays when they go.
 */
export interface MemberRow {
  conversationId: Types.ObjectId;
  userId: Types.ObjectId;
  role: Role;
  /** Seq of the member's own `member` entry; 0 where the log is theirs from the beginning. */
  joinSeq: number;
  /** When the person came into the group or room. */
  joinedAt?: Date;
  /** Groups and rooms, like `leftSeq`: where the log begins for this person. In groups the log's entries say both. */
  firstSeq?: number;
  /** 0 for who is there. Groups: seq of the entry by which this person went. */
  leftSeq?: number;
  /** Groups only: this person went by leaving, and was taken back after that by somebody else. */
  leftFreely?: boolean;
  takenBack?: boolean;
  memberSeq?: number;
  readSeq: number;
  deliveredSeq: number;
  mutedUntil?: Date;
  /** Where the person marked the conversation as unread from. */
  unreadFromSeq?: number;
  /** Where the log ended then: a message of their own beyond it takes the mark back (`marks.ts`). */
  unreadMarkedAt?: number;
  /** When the person last changed any of this that no log has, by the database's clock. */
  changedAt?: Date;
  /** An empty text is kept with its `rev`, so that a late save of an older one stays too late. */
  draft?: Draft;
}

const { ObjectId } = Schema.Types;

export function membersOn(connection: Connection): Model<MemberRow> {
  const schema = new Schema<MemberRow>(
    {
      conversationId: { type: ObjectId, required: true },
      userId: { type: ObjectId, required: true },
      role: { type: String, required: true },
      joinSeq: { type: Number, required: true },
      joinedAt: Date,
      firstSeq: Number,
      leftSeq: Number,
      leftFreely: Boolean,
      takenBack: Boolean,
      memberSeq: Number,
      readSeq: { type: Number, required: true },
      deliveredSeq: { type: Number, required: true },
      mutedUntil: Date,
      unreadFromSeq: Number,
      unreadMarkedAt: Number,
      changedAt: Date,
      // Without `type` as a key: a draft is one value, written whole.
      draft: Schema.Types.Mixed,
    },
    { collection: 'members', versionKey: false, autoIndex: false, autoCreate: false },
  );
  return connection.model<MemberRow>('Member', schema);
}

/** Goes with every change of a person's own state: devices that were away get it. */
export const changedNow = { $currentDate: { changedAt: true } } as const;

/** What takes the mark as unread back. */
export const noMark = { unreadFromSeq: '', unreadMarkedAt: '' } as const;

export interface OwnRowUpdate {
  filter: Pick<MemberRow, 'conversationId' | 'userId' | 'leftSeq'>;
  update: UpdateQuery<MemberRow>;
  upsert: boolean;
}

/** Whose row in which conversation. */
export interface WhoseRow {
  kind: ConversationKind;
  conversationId: Types.ObjectId | string;
  userId: string;
}

/**
 * How the row is changed that has what is a person's own. Who has gone from a group or room is found no row, and none is made:
 * it would say that they are in it, or stand in the way of their coming back.
 */
export const ownRow = (
  { kind, conversationId, userId }: WhoseRow,
  update: UpdateQuery<MemberRow>,
): OwnRowUpdate => {
  const ids = { conversationId: new Types.ObjectId(conversationId), userId: new Types.ObjectId(userId) };
  return kind === 'direct'
    ? { filter: ids, update: orBegin(update), upsert: true }
    : { filter: { ...ids, leftSeq: 0 }, update, upsert: false };
};

const begins = { role: 'member', joinSeq: 0, readSeq: 0, deliveredSeq: 0 } as const;

/** An update that also makes the row, with the beginning of whatever it does not itself set. */
function orBegin(update: UpdateQuery<MemberRow>): UpdateQuery<MemberRow> {
  const set = new Set(Object.values(update).flatMap((fields: object) => Object.keys(fields)));
  const rest = Object.entries(begins).filter(([field]) => !set.has(field));
  return { ...update, $setOnInsert: Object.fromEntries(rest) };
}
