import type { Model, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import { type ConversationRow, isThere } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { MemberRow } from './members.model.js';

export interface MembershipsDeps {
  log: Pick<ConversationLog, 'conversations' | 'firstSeq'>;
  members: Model<MemberRow>;
}

/** A group or room that somebody is in, and since when. */
export interface Joined {
  conversationId: Types.ObjectId;
  joinedAt: Date | undefined;
}

/** A conversation as it is stored, for somebody who is in it. */
export interface Own {
  row: ConversationRow;
  /** Where its log begins for them. */
  firstSeq: number;
}

type Person = Pick<Caller, 'userId'>;

export type Memberships = ReturnType<typeof createMemberships>;

/** Which conversations somebody is in, as the database has it just now, and where each of these begins for them. */
export function createMemberships({ log, members }: MembershipsDeps) {
  /** The right is part of the query: null for a conversation that the person is not in. */
  async function find({ userId }: Person, id: string): Promise<Own | null> {
    const row = await log.conversations
      .findOne({ _id: id, $or: [{ participants: userId }, { kind: { $ne: 'direct' }, ...isThere }] })
      .lean();
    if (!row) return null;
    if (row.kind === 'direct') return { row, firstSeq: await log.firstSeq(row) };
    const membership = await members
      .findOne({ conversationId: id, userId, leftSeq: 0 }, { firstSeq: 1 })
      .lean();
    return membership && { row, firstSeq: Math.max(membership.firstSeq ?? 1, await log.firstSeq(row)) };
  }

  async function idsOf(filter: object): Promise<Types.ObjectId[]> {
    const rows = await members.find(filter, { conversationId: 1, _id: 0 }).lean();
    return rows.map(({ conversationId }) => conversationId);
  }

  return {
    find,

    /** @throws AppError NOT_FOUND for a conversation that the person is not in */
    async get(person: Person, id: string): Promise<Own> {
      const found = await find(person, id);
      if (!found) throw notFound();
      return found;
    },

    /** Those of these conversations, just found as the person's, that they are still in. */
    async among({ userId }: Person, rows: readonly ConversationRow[]): Promise<Own[]> {
      const joined = rows.filter(({ kind }) => kind !== 'direct').map(({ _id }) => _id);
      const memberships = await members
        .find({ userId, conversationId: { $in: joined }, leftSeq: 0 }, { conversationId: 1, firstSeq: 1 })
        .lean();
      const firstSeqs = new Map(
        memberships.map(({ conversationId, firstSeq = 1 }) => [conversationId.toHexString(), firstSeq]),
      );
      const all = await Promise.all(
        rows.map(async (row) => {
          const isOne = row.participants.some((id) => id.equals(userId));
          const firstSeq = isOne ? 1 : firstSeqs.get(row._id.toHexString());
          // They went a moment ago, or the room was deleted: the rows may be from after that.
          if (firstSeq === undefined || row.deletedAt) return [];
          return [{ row, firstSeq: Math.max(firstSeq, await log.firstSeq(row)) }];
        }),
      );
      return all.flat();
    },

    /** The groups and rooms of somebody, with the times that make the order of a list. Deleted rooms may be among them. */
    async joinedOf(userId: string): Promise<Joined[]> {
      const rows = await members
        .find({ userId, leftSeq: 0 }, { conversationId: 1, joinedAt: 1, _id: 0 })
        .lean();
      return rows.map(({ conversationId, joinedAt }) => ({ conversationId, joinedAt }));
    },

    /** The same without the times. */
    joinedIdsOf: (userId: string): Promise<Types.ObjectId[]> => idsOf({ userId, leftSeq: 0 }),

    /** The groups alone: into those people come by an entry. */
    groupIdsOf: (userId: string): Promise<Types.ObjectId[]> =>
      idsOf({ userId, leftSeq: 0, joinSeq: { $gt: 0 } }),
  };
}
