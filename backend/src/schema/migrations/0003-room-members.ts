import type { Types } from 'mongoose';
import type { Store } from '../../database/connect.js';
import type { Migration } from '../migration.js';

interface RoomRow {
  _id: Types.ObjectId;
  kind: string;
  participants: Types.ObjectId[];
  createdAt: Date;
  appliedSeq: number;
  ownerId?: Types.ObjectId;
}

interface MemberRow {
  conversationId: Types.ObjectId;
  userId: Types.ObjectId;
  role: string;
  joinSeq: number;
  joinedAt?: Date;
  firstSeq?: number;
  leftSeq?: number;
  readSeq: number;
  deliveredSeq: number;
}

const writtenAtOnce = 500;

const roomsIn = ({ upkeep }: Store) => upkeep.collection<RoomRow>('conversations');
const membersIn = ({ upkeep }: Store) => upkeep.collection<MemberRow>('members');

/** Who comes without a row of their own has read what was there, as whoever comes into a room has. */
const memberOf = ({ _id, createdAt, appliedSeq, ownerId }: RoomRow, userId: Types.ObjectId) => ({
  updateOne: {
    filter: { conversationId: _id, userId },
    update: {
      $set: { firstSeq: 1, leftSeq: 0 },
      $setOnInsert: {
        role: ownerId?.equals(userId) ? 'owner' : 'member',
        joinSeq: 0,
        joinedAt: createdAt,
        readSeq: appliedSeq,
        deliveredSeq: appliedSeq,
      },
    },
    upsert: true,
  },
});

/**
 * Who is in a room was in the room's row, beside rows in `members` with what was each person's own. From here on it is in
 * `members` alone, like the members of a group. A row there that is none of these people's says nothing any more, and would say
 * that its person is in the room: it goes. No program of before finds anybody in a room after this.
 */
export const roomMembers: Migration = {
  number: 3,
  name: 'members of rooms',
  meanwhile: false,
  oldestProgram: 2,
  async run({ store, changed }) {
    const members = membersIn(store);
    let last: Types.ObjectId | undefined;
    for (;;) {
      const next: RoomRow | null = await roomsIn(store).findOne(
        { kind: 'room', ...(last && { _id: { $gt: last } }) },
        { sort: { _id: 1 }, hint: { _id: 1 } },
      );
      if (!next) return;
      const { _id, participants } = next;
      last = _id;
      for (let start = 0; start < participants.length; start += writtenAtOnce) {
        const some = participants.slice(start, start + writtenAtOnce);
        await members.bulkWrite(
          some.map((userId) => memberOf(next, userId)),
          { ordered: false },
        );
        changed(some.length);
      }
      await members.deleteMany(
        { conversationId: _id, leftSeq: { $exists: false } },
        { hint: { conversationId: 1, userId: 1 } },
      );
      // Last: until then it is all done again where it was broken off.
      await roomsIn(store).updateOne({ _id }, { $set: { participants: [] } });
    }
  },
};
