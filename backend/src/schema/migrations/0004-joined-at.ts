import type { Types } from 'mongoose';
import type { Store } from '../../database/connect.js';
import type { Migration } from '../migration.js';

interface MemberRow {
  _id: Types.ObjectId;
  conversationId: Types.ObjectId;
  joinSeq: number;
  joinedAt?: Date;
  leftSeq?: number;
}
type Old = Pick<MemberRow, '_id' | 'conversationId' | 'joinSeq'>;

const filledAtOnce = 500;
/** Rows of direct conversations, where nobody comes or goes, have no `leftSeq`. */
const isOld = { leftSeq: { $exists: true }, joinedAt: { $exists: false } };

const placeOf = (conversationId: Types.ObjectId, seq: number) => `${conversationId.toHexString()}:${seq}`;

/** Of a group that is in the entry by which they came. Where it is gone, or none was written, they came with the conversation. */
async function timesOf(rows: readonly Old[], { upkeep }: Store): Promise<(row: Old) => Date | undefined> {
  const [entries, conversations] = await Promise.all([
    upkeep
      .collection<{ conversationId: Types.ObjectId; seq: number; at: Date }>('entries')
      .find({ $or: rows.map(({ conversationId, joinSeq }) => ({ conversationId, seq: joinSeq })) })
      .project<{ conversationId: Types.ObjectId; seq: number; at: Date }>({
        conversationId: 1,
        seq: 1,
        at: 1,
      })
      .toArray(),
    upkeep
      .collection<{ _id: Types.ObjectId; createdAt: Date }>('conversations')
      .find({ _id: { $in: rows.map(({ conversationId }) => conversationId) } })
      .project<{ _id: Types.ObjectId; createdAt: Date }>({ createdAt: 1 })
      .toArray(),
  ]);
  const written = new Map(entries.map(({ conversationId, seq, at }) => [placeOf(conversationId, seq), at]));
  const made = new Map(conversations.map(({ _id, createdAt }) => [_id.toHexString(), createdAt]));
  return ({ conversationId, joinSeq }) =>
    written.get(placeOf(conversationId, joinSeq)) ?? made.get(conversationId.toHexString());
}

/**
 * When the members of groups and rooms came, of before that was kept. Not while the server serves: lists are in order by it, and
 * pages of a list whose order changes meanwhile would leave something out.
 */
export const joinedAt: Migration = {
  number: 4,
  name: 'when members came',
  meanwhile: false,
  async run({ store, changed }) {
    const members = store.upkeep.collection<MemberRow>('members');
    let last: Types.ObjectId | undefined;
    for (;;) {
      const rows = await members
        .find({ ...isOld, ...(last && { _id: { $gt: last } }) })
        .project<Old>({ conversationId: 1, joinSeq: 1 })
        .sort({ _id: 1 })
        .hint({ _id: 1 })
        .limit(filledAtOnce)
        .toArray();
      last = rows.at(-1)?._id;
      if (!last) return;
      const timeOf = await timesOf(rows, store);
      const updates = rows.flatMap((row) => {
        const at = timeOf(row);
        const { _id, joinSeq } = row;
        // Whoever came again meanwhile has another one.
        const filter = { _id, joinSeq, joinedAt: { $exists: false } };
        return at ? [{ updateOne: { filter, update: { $set: { joinedAt: at } } } }] : [];
      });
      if (updates.length > 0) await members.bulkWrite(updates, { ordered: false });
      changed(updates.length);
    }
  },
};
