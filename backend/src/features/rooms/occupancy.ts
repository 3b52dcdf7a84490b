import type { RoomPerson } from '@sori/contract';
import { Types } from 'mongoose';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { lookAlikeKey } from './look-alike.js';
import { type NameWish, namesFor, type PossibleName } from './nicknames.js';
import { isNameTaken, type RoomRows, type VisitorRow } from './rooms.model.js';

export interface OccupancyDeps {
  visitors: RoomRows['visitors'];
  /** Milliseconds since 1970. */
  now: () => number;
}

/** One change of who is here. The database decides who makes it, so it is emitted once, by whoever made it. */
export interface OccupancyChange {
  conversationId: string;
  joined: RoomPerson[];
  /** Those who were here already, under another name. */
  renamed: RoomPerson[];
  left: RoomPerson[];
  /**
   * Set where many changes are emitted as one: who came and went meanwhile, and may be in a list that was asked for
   * then.
   */
  passed?: RoomPerson[];
}

/** Nobody reads further, and every page asks for it. */
const listedMax = 1_000;

export type Occupancy = ReturnType<typeof createOccupancy>;

const toPerson = ({ userId, name, guest }: Pick<VisitorRow, 'userId' | 'name' | 'guest'>): RoomPerson => ({
  _id: userId.toHexString(),
  name,
  guest,
});

/** Who is in which room just now, as the database has it. Guests have a row while they are here, accounts until they leave. */
export function createOccupancy({ visitors, now }: OccupancyDeps) {
  const idsOf = (conversationId: string, userId: string) => ({
    conversationId: new Types.ObjectId(conversationId),
    userId: new Types.ObjectId(userId),
  });
  const changeOf = (
    conversationId: string,
    { joined = [], renamed = [], left = [] }: Partial<Omit<OccupancyChange, 'conversationId'>>,
  ): OccupancyChange => ({ conversationId, joined, renamed, left });

  /** Which of these names somebody else in the room has, accounts that are not here just now included. */
  async function takenAmong(
    names: readonly PossibleName[],
    conversationId: string,
    userId: string,
  ): Promise<Set<string>> {
    const nameKey = { $in: names.map(({ key }) => key) };
    const rows = await visitors
      .find({ conversationId, nameKey, userId: { $ne: new Types.ObjectId(userId) } }, { nameKey: 1 })
      .lean();
    return new Set(rows.map((row) => row.nameKey));
  }

  /** The names that this wish may come to and that are free just now. Without end. */
  async function* freeNames(
    wish: NameWish,
    conversationId: string,
    userId: string,
  ): AsyncGenerator<PossibleName> {
    const names = namesFor(wish);
    // Asked for in growing numbers: as a rule the first is free, and where hundreds have one name it is the last.
    for (let size = 16; ; size = Math.min(size * 4, 1_024)) {
      const some = Array.from({ length: size }, () => names.next().value);
      const taken = await takenAmong(some, conversationId, userId);
      yield* some.filter(({ key }) => !taken.has(key));
    }
  }

  /**
   * Puts a guest into the room under the first free name, or gives one that is here another name.
   * @returns what is to be emitted to others, if it is news.
   */
  async function enterGuest(
    conversationId: string,
    userId: string,
    wish: NameWish,
  ): Promise<{ person: RoomPerson; change: OccupancyChange | undefined }> {
    for await (const { name, key } of freeNames(wish, conversationId, userId)) {
      const at = new Date(now());
      const ids = idsOf(conversationId, userId);
      let before: VisitorRow | null;
      try {
        before = await visitors
          .findOneAndUpdate(
            ids,
            {
              $set: { name, nameKey: key, claim: key, guest: true, here: true, seenAt: at },
              $setOnInsert: { hereSince: at },
            },
            { upsert: true, returnDocument: 'before' },
          )
          .lean();
      } catch (error) {
        // Somebody was called that a moment ago.
        if (!isNameTaken(error)) throw error;
        continue;
      }
      const person = { _id: userId, name, guest: true };
      if (before?.name === name) return { person, change: undefined };
      return {
        person,
        change: changeOf(conversationId, before ? { renamed: [person] } : { joined: [person] }),
      };
    }
    throw new Error('There is always one more number');
  }

  /** An account comes into the room, or back to where it has been before. Its name is its own: nobody numbers it. */
  async function enterAccount(
    conversationId: string,
    userId: string,
    name: string,
  ): Promise<{ person: RoomPerson; change: OccupancyChange | undefined }> {
    const at = new Date(now());
    const person = { _id: userId, name, guest: false };
    try {
      await visitors.updateOne(
        { ...idsOf(conversationId, userId), here: false },
        {
          $set: { name, nameKey: lookAlikeKey(name), guest: false, here: true, hereSince: at, seenAt: at },
        },
        { upsert: true },
      );
    } catch (error) {
      // The row is there and says "here" already, so the upsert tried to make a second one.
      if (!isDuplicateKey(error)) throw error;
      return { person, change: undefined };
    }
    return { person, change: changeOf(conversationId, { joined: [person] }) };
  }

  /** @returns what is to be emitted to others; undefined where that person was not here. */
  async function leave(
    conversationId: string,
    userId: string,
    { forGood }: { forGood: boolean },
  ): Promise<OccupancyChange | undefined> {
    const ids = idsOf(conversationId, userId);
    const row = await visitors.findOne(ids).lean();
    if (!row) return undefined;
    const before =
      forGood || row.guest
        ? await visitors.findOneAndDelete(ids).lean()
        : await visitors.findOneAndUpdate({ ...ids, here: true }, { $set: { here: false } }).lean();
    return before?.here ? changeOf(conversationId, { left: [toPerson(before)] }) : undefined;
  }

  return {
    enterGuest,
    enterAccount,
    leave,

    /** In the order in which they came, so many of them as a list can have. */
    async list(conversationId: string): Promise<RoomPerson[]> {
      const rows = await visitors
        .find({ conversationId, here: true })
        .sort({ hereSince: 1, _id: 1 })
        .limit(listedMax)
        .lean();
      return rows.map(toPerson);
    },

    /** Those of these people who have a place in the room. */
    async among(conversationId: string, userIds: readonly string[]): Promise<string[]> {
      const rows = await visitors.find({ conversationId, userId: { $in: userIds } }, { userId: 1 }).lean();
      return rows.map(({ userId }) => userId.toHexString());
    },

    count: (conversationId: string): Promise<number> =>
      visitors.countDocuments({ conversationId, here: true }),

    /** Somebody who is in the room; null for others. */
    async find(conversationId: string, userId: string): Promise<RoomPerson | null> {
      const row = await visitors.findOne(idsOf(conversationId, userId)).lean();
      return row && toPerson(row);
    },

    /** The rooms that an account entered and has not left. */
    async roomsOf(userId: string): Promise<{ conversationId: string; name: string }[]> {
      const rows = await visitors.find({ userId, guest: false }, { conversationId: 1, name: 1 }).lean();
      return rows.map(({ conversationId, name }) => ({ conversationId: conversationId.toHexString(), name }));
    },

    /** In how many rooms each of these accounts is; those who are in none are missing. */
    async roomCounts(userIds: readonly string[]): Promise<Map<string, number>> {
      const counts = await visitors.aggregate<{ _id: Types.ObjectId; count: number }>([
        { $match: { userId: { $in: userIds.map((id) => new Types.ObjectId(id)) } } },
        { $group: { _id: '$userId', count: { $sum: 1 } } },
      ]);
      return new Map(counts.map(({ _id, count }) => [_id.toHexString(), count]));
    },

    /** These people's sockets are still with this server. */
    async renew(userIds: readonly string[]): Promise<void> {
      if (userIds.length === 0) return;
      await visitors.updateMany(
        { userId: { $in: userIds.map((id) => new Types.ObjectId(id)) }, here: true },
        { $set: { seenAt: new Date(now()) } },
      );
    },

    /** Those who were left behind by a server that was killed: nobody has renewed them since. */
    async lost(since: Date): Promise<{ conversationId: string; userId: string }[]> {
      // The rest is there for the next round.
      const rows = await visitors
        .find({ here: true, seenAt: { $lt: since } })
        .limit(listedMax)
        .lean();
      return rows.map(({ conversationId, userId }) => ({
        conversationId: conversationId.toHexString(),
        userId: userId.toHexString(),
      }));
    },
  };
}
