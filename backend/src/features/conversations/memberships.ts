import type { Model, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import type { ConversationRow } from '../../log/conversations.model.js';
import type { ConversationLog } from '../../log/log.js';
import type { MemberRow } from './members.model.js';

export interface MembershipsDeps {
  log: Pick<ConversationLog, 'conversations' | 'firstSeq'>;
  members: Model<MemberRow>;
}

/** A conversation as it is stored, for somebody who is in it. */
export interface Own {
  row: ConversationRow;
  /** Where its log begins for him. */
  firstSeq: number;
}

type Person = Pick<Caller, 'userId'>;

export type Memberships = ReturnType<typeof createMemberships>;

/** Which conversations somebody is in, as the database has it just now, and where each of them begins for him. */
export function createMemberships({ log, members }: MembershipsDeps) {
  /** The right is part of the query: null for a conversation that the person is not in. */
  async function find({ userId }: Person, id: string): Promise<Own | null> {
    const row = await log.conversations
      .findOne({ _id: id, $or: [{ participants: userId }, { kind: 'group' }] })
      .lean();
    if (!row) return null;
    if (row.kind !== 'group') return { row, firstSeq: await log.firstSeq(row) };
    const membership = await members
      .findOne({ conversationId: id, userId, leftSeq: 0 }, { firstSeq: 1 })
      .lean();
    return membership && { row, firstSeq: Math.max(membership.firstSeq ?? 1, await log.firstSeq(row)) };
  }

  return {
    find,

    /** @throws AppError NOT_FOUND for a conversation that the person is not in */
    async get(person: Person, id: string): Promise<Own> {
      const found = await find(person, id);
      if (!found) throw notFound();
      return found;
    },

    /** Those of these conversations, just found as the person's, that he is still in. */
    async among({ userId }: Person, rows: readonly ConversationRow[]): Promise<Own[]> {
      const groups = rows.filter((row) => row.kind === 'group').map((row) => row._id);
      const memberships = await members
        .find({ userId, conversationId: { $in: groups }, leftSeq: 0 }, { conversationId: 1, firstSeq: 1 })
        .lean();
      const firstSeqs = new Map(
        memberships.map(({ conversationId, firstSeq = 1 }) => [conversationId.toHexString(), firstSeq]),
      );
      const all = await Promise.all(
        rows.map(async (row) => {
          const firstSeq = row.kind === 'group' ? firstSeqs.get(row._id.toHexString()) : 1;
          // Somebody took him out a moment ago.
          if (firstSeq === undefined) return [];
          return [{ row, firstSeq: Math.max(firstSeq, await log.firstSeq(row)) }];
        }),
      );
      return all.flat();
    },

    /** Groups are found by their members, everything else by its participants. */
    async groupIdsOf(userId: string): Promise<Types.ObjectId[]> {
      const rows = await members.find({ userId, leftSeq: 0 }, { conversationId: 1, _id: 0 }).lean();
      return rows.map(({ conversationId }) => conversationId);
    },
  };
}
