import type { Model, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import { type ConversationRow, isThere } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { MemberRow } from './members.model.js';

export interface MembershipsDeps {
  log: Pick<ConversationLog, 'conversations' | 'firstSeq' | 'reads'>;
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

const lookedUpAtOnce = 500;

export type Memberships = ReturnType<typeof createMemberships>;

/** Which conversations somebody is in, as the database has it just now, and where each of these begins for them. */
export function createMemberships({ log, members }: MembershipsDeps) {
  /** Of a row of before it was kept: when its person came is in the entry by which they did. */
  async function lookUpJoinedAt(
    userId: string,
    rows: readonly Pick<MemberRow, 'conversationId' | 'joinSeq'>[],
  ): Promise<Map<string, Date>> {
    const joinedAt = new Map<string, Date>();
    for (let start = 0; start < rows.length; start += lookedUpAtOnce) {
      const some = rows.slice(start, start + lookedUpAtOnce);
      const places = some.map(({ conversationId, joinSeq }) => ({ conversationId, seq: joinSeq }));
      const [entries, conversations] = await Promise.all([
        log.reads.entries.model.find({ $or: places }, { conversationId: 1, at: 1 }).lean(),
        log.reads.conversations
          .find({ _id: { $in: some.map((row) => row.conversationId) } }, { createdAt: 1 })
          .lean(),
      ]);
      // Where that entry is gone, they have been there for as long as the group is known to be.
      for (const { _id, createdAt } of conversations) joinedAt.set(_id.toHexString(), createdAt);
      for (const { conversationId, at } of entries) joinedAt.set(conversationId.toHexString(), at);
      const updates = some.flatMap(({ conversationId, joinSeq }) => {
        const at = joinedAt.get(conversationId.toHexString());
        const filter = { conversationId, userId, joinSeq, joinedAt: { $exists: false } };
        return at ? [{ updateOne: { filter, update: { $set: { joinedAt: at } } } }] : [];
      });
      if (updates.length > 0) await members.bulkWrite(updates, { ordered: false });
    }
    return joinedAt;
  }

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
        .find({ userId, leftSeq: 0 }, { conversationId: 1, joinSeq: 1, joinedAt: 1, _id: 0 })
        .lean();
      const found = await lookUpJoinedAt(
        userId,
        rows.filter(({ joinedAt }) => joinedAt === undefined),
      );
      return rows.map(({ conversationId, joinedAt }) => ({
        conversationId,
        joinedAt: joinedAt ?? found.get(conversationId.toHexString()),
      }));
    },

    /** The same without the times. */
    joinedIdsOf: (userId: string): Promise<Types.ObjectId[]> => idsOf({ userId, leftSeq: 0 }),

    /** The groups alone: into those people come by an entry. */
    groupIdsOf: (userId: string): Promise<Types.ObjectId[]> =>
      idsOf({ userId, leftSeq: 0, joinSeq: { $gt: 0 } }),
  };
}
