import type { ConversationKind, GroupHistory, Language } from '@sori/contract';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** A conversation's row: who is in it, and the head, which is a projection of its log. */
export interface ConversationRow {
  _id: Types.ObjectId;
  kind: ConversationKind;
  /**
   * Direct: both people, in the order of their ids; the one of a note to self. Empty in groups and rooms, whose people are in
   * `members` alone: with a thousand ids here, every new head would move a thousand index keys.
   */
  participants: Types.ObjectId[];
  name?: string;
  createdAt: Date;
  /** Everything in the log up to here is in the projections. */
  appliedSeq: number;
  /**
   * Seq of the newest undeleted message; absent while there is none. A pointer and not a copy: the preview shows the
   * message as it now is, and an edit need not come here.
   */
  lastMessageSeq?: number;
  /** `at` of the newest entry that is in the projections, of whatever kind; absent while there is none. */
  headAt?: Date;
  /** `at` of the newest message, deleted or not; absent while there is none. */
  lastActivityAt?: Date;
  /** Groups only, like the three below: seq of the latest change of membership that is in `members`. */
  membersVersion?: number;
  /** Seq of the `title` entry that gave the name. */
  titleSeq?: number;
  /** Where the log begins for those who join from now on. */
  history?: GroupHistory;
  /** Nobody but its maker was put in when it was made, whomever they named. */
  begunAlone?: boolean;
  /** The name of its picture. */
  picture?: string;
  /** The log begins here; what was below it has been swept. Absent: 1. */
  firstSeq?: number;
  /**
   * Rooms only, like the eight below: how often somebody came or went. Raised once that is in `members`, so who reads this
   * first reads members that are at least as new.
   */
  membersChanges?: number;
  /** Whose it is, also while they are not in it. The lobby is nobody's. */
  ownerId?: Types.ObjectId;
  /** The `_id` is made from it (`roomId`). */
  slug?: string;
  language?: Language;
  slowModeSeconds?: number;
  retentionHours?: number;
  /** Guests may send files. */
  guestFiles?: boolean;
  /** The room was deleted then. The row stays, so that its link is nobody else's; nobody is in it. */
  deletedAt?: Date;
  /** And by this person. */
  deletedBy?: Types.ObjectId;
  /** Of a deleted one: from then on what is left of it is to be swept. Absent once nothing is. */
  sweepAt?: Date;
  /** `lastMessageSeq` and `lastActivityAt` for those from whom entries are hidden (a block): to them these are not there. */
  shown?: ShownHead[];
}

/** Where a log ends for somebody who does not see all of it. Both absent: there is nothing in it that they see. */
export interface ShownHead {
  userId: Types.ObjectId;
  lastMessageSeq?: number;
  lastActivityAt?: Date;
}

/** The row of a deleted room stays, and those of its people for a while: whoever is asked for their conversations leaves it out. */
export const isThere = { deletedAt: { $exists: false } } as const;

/** Rooms that are there: whoever asks for one that was deleted finds none. */
export const notDeleted = { kind: 'room', ...isThere } as const;

export const conversationIndexes = {
  directs: 'directs',
} as const;

/** The direct conversations of somebody: only a query that says the kind is served by their index. */
export const isDirectOf = <Wanted>(participants: Wanted) => ({ kind: 'direct' as const, participants });

const { ObjectId } = Schema.Types;

export function conversationsOn(connection: Connection): Model<ConversationRow> {
  const schema = new Schema<ConversationRow>(
    {
      kind: { type: String, required: true },
      participants: { type: [ObjectId], required: true },
      name: String,
      createdAt: { type: Date, required: true },
      appliedSeq: { type: Number, required: true },
      lastMessageSeq: Number,
      headAt: Date,
      lastActivityAt: Date,
      membersVersion: Number,
      titleSeq: Number,
      history: String,
      begunAlone: Boolean,
      firstSeq: Number,
      membersChanges: Number,
      ownerId: ObjectId,
      picture: String,
      slug: String,
      language: String,
      slowModeSeconds: Number,
      retentionHours: Number,
      guestFiles: Boolean,
      deletedAt: Date,
      deletedBy: ObjectId,
      sweepAt: Date,
      shown: {
        type: [{ _id: false, userId: ObjectId, lastMessageSeq: Number, lastActivityAt: Date }],
        // Almost no conversation has any.
        default: undefined,
      },
    },
    { collection: 'conversations', versionKey: false, autoIndex: false, autoCreate: false },
  );
  return connection.model<ConversationRow>('Conversation', schema);
}
