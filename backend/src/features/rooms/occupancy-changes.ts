import type { RoomPerson } from '@sori/contract';
import { Types } from 'mongoose';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { createFreeNames } from './free-names.js';
import { lookAlikeKey } from './look-alike.js';
import type { NameWish } from './nicknames.js';
import { isNameTaken, type RoomRows, type VisitorRow } from './rooms.model.js';

export interface OccupancyChangesDeps {
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

export const toPerson = ({
  userId,
  name,
  guest,
}: Pick<VisitorRow, 'userId' | 'name' | 'guest'>): RoomPerson => ({
  _id: userId.toHexString(),
  name,
  guest,
});

export const idsOf = (conversationId: string, userId: string) => ({
  conversationId: new Types.ObjectId(conversationId),
  userId: new Types.ObjectId(userId),
});

const changeOf = (
  conversationId: string,
  { joined = [], renamed = [], left = [] }: Partial<Omit<OccupancyChange, 'conversationId'>>,
): OccupancyChange => ({ conversationId, joined, renamed, left });

/** Who comes into a room and who leaves it. */
export function createOccupancyChanges({ visitors, now }: OccupancyChangesDeps) {
  const freeNames = createFreeNames(visitors);

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

  return { enterGuest, enterAccount, leave };
}
