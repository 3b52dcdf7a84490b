import { type Model, Types } from 'mongoose';
import { refused } from '../../core/errors.js';
import type { MemberRow } from '../members/members.model.js';

export interface NewcomersDeps {
  members: Model<MemberRow>;
  relationsOf: (userId: string) => Promise<{ blockedBy: ReadonlySet<string> }>;
}

export type Newcomers = ReturnType<typeof createNewcomers>;

/** Groups and rooms of one person. Who has more from before keeps them. */
const placesMax = 2_000;
/** So that a read of people who are in very many stays a short one. */
const readAtOnce = 500;

/** Who may be put into a group, and who may go into one more. */
export function createNewcomers({ members, relationsOf }: NewcomersDeps) {
  /** Those of these people who are in as many groups and rooms as one may be. */
  async function fullAmong(userIds: readonly string[]): Promise<Set<string>> {
    const full = new Set<string>();
    for (let start = 0; start < userIds.length; start += readAtOnce) {
      const ids = userIds.slice(start, start + readAtOnce).map((id) => new Types.ObjectId(id));
      const counts = await members.aggregate<{ _id: Types.ObjectId; count: number }>([
        { $match: { userId: { $in: ids }, leftSeq: 0 } },
        { $group: { _id: '$userId', count: { $sum: 1 } } },
      ]);
      for (const { _id, count } of counts) if (count >= placesMax) full.add(_id.toHexString());
    }
    return full;
  }

  /** Those of these people who left the group, were taken back once, and left again. */
  async function goneForGood(userIds: readonly string[], conversationId: string): Promise<Set<string>> {
    const rows = await members
      .find(
        { conversationId, userId: { $in: userIds }, leftSeq: { $gt: 0 }, leftFreely: true, takenBack: true },
        { userId: 1 },
      )
      .lean();
    return new Set(rows.map(({ userId }) => userId.toHexString()));
  }

  /** Those of these people who do not block this one. */
  async function unblocked(userIds: readonly string[], adderId: string): Promise<string[]> {
    const { blockedBy } = await relationsOf(adderId);
    return userIds.filter((id) => !blockedBy.has(id));
  }

  return {
    unblocked,

    /**
     * Those of these people whom this person may put into the group. Nobody learns why the others stay away. To be
     * asked right before they are put in: whom they block is looked at last.
     */
    async among(userIds: readonly string[], adderId: string, conversationId: string): Promise<string[]> {
      const [full, gone] = await Promise.all([fullAmong(userIds), goneForGood(userIds, conversationId)]);
      return unblocked(
        userIds.filter((id) => !full.has(id) && !gone.has(id)),
        adderId,
      );
    },

    /** @throws AppError REFUSED for somebody who is in as many groups and rooms as one may be */
    async requirePlace(userId: string): Promise<void> {
      if ((await fullAmong([userId])).has(userId)) {
        throw refused('placesFull', `You are in ${placesMax} groups and rooms: leave one of them first`);
      }
    },

    /** Whether somebody is in the group at this moment, or went by leaving; null for everybody else. */
    async standing(userId: string, conversationId: string): Promise<'in' | 'left' | null> {
      const row = await members.findOne({ conversationId, userId }, { leftSeq: 1, leftFreely: 1 }).lean();
      if (row?.leftSeq === 0) return 'in';
      return row?.leftFreely ? 'left' : null;
    },
  };
}
