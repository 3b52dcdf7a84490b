import type { RoomPerson } from '@sori/contract';
import { Types } from 'mongoose';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { createFreeNames } from './free-names.js';
import { lookAlikeKey } from './look-alike.js';
import type { NameWish } from './nicknames.js';
import { isNameTaken, type RoomRows, type VisitorRow } from './rooms.model.js';

export interface OccupancyChangesDeps {
  visitors: RoomRows['visitors'];
  /** Names this server among those of the same database. */
  serverId: string;
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
export function createOccupancyChanges({ visitors, serverId, now }: OccupancyChangesDeps) {
  const freeNames = createFreeNames(visitors);

  /**
   * Puts a guest into the room under the first free name, or gives one that is here another name.
   * @returns what is to be emitted to others, if it is news.
   */
  async function enterGuest(
    conversationId: string,
    userId: string,
    { address, ...wish }: NameWish & { address?: string | undefined },
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
              $addToSet: { servers: serverId },
              $setOnInsert: { hereSince: at, ...(address !== undefined && { address }) },
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
    const came = { name, nameKey: lookAlikeKey(name), guest: false, here: true, hereSince: at, seenAt: at };
    for (;;) {
      try {
        await visitors.updateOne(
          { ...idsOf(conversationId, userId), here: false },
          { $set: { ...came, servers: [serverId] } },
          { upsert: true },
        );
        return { person, change: changeOf(conversationId, { joined: [person] }) };
      } catch (error) {
        // The row is there and says "here" already, so the upsert tried to make a second one.
        if (!isDuplicateKey(error)) throw error;
      }
      // They may have gone by another server just now: then they come.
      if (await hold(conversationId, userId)) return { person, change: undefined };
    }
  }

  /** Who is here already is here by this server, too. @returns who that is; null for somebody who is not here */
  async function hold(conversationId: string, userId: string): Promise<RoomPerson | null> {
    const row = await visitors
      .findOneAndUpdate(
        { ...idsOf(conversationId, userId), here: true },
        { $set: { seenAt: new Date(now()) }, $addToSet: { servers: serverId } },
      )
      .lean();
    return row && toPerson(row);
  }

  const takeOut = createTakeOut(visitors);

  return {
    enterGuest,
    enterAccount,
    hold,

    /** Out of the room, whoever has sockets of theirs. @returns what is to be emitted; undefined where they were not here */
    leaveForGood: (conversationId: string, userId: string): Promise<OccupancyChange | undefined> =>
      takeOut(idsOf(conversationId, userId), true),

    /** This server has nothing of theirs any more: they go, unless another one has. @returns as above */
    async release(conversationId: string, userId: string): Promise<OccupancyChange | undefined> {
      const ids = idsOf(conversationId, userId);
      const row = await visitors
        .findOneAndUpdate(ids, { $pull: { servers: serverId } }, { returnDocument: 'after' })
        .lean();
      if (!row || (row.servers ?? []).length > 0) return undefined;
      // Unless they have come by another one since.
      return takeOut({ ...ids, 'servers.0': { $exists: false } }, row.guest);
    },

    /** Nobody has renewed them since then. @returns as above */
    async leaveLost(
      conversationId: string,
      userId: string,
      since: Date,
    ): Promise<OccupancyChange | undefined> {
      const lost = { ...idsOf(conversationId, userId), seenAt: { $lt: since } };
      const row = await visitors.findOne(lost).lean();
      return row ? takeOut(lost, row.guest) : undefined;
    },
  };
}

/** Takes a guest's row away, and an account's where it goes for good. @returns the change, where the row said "here" */
const createTakeOut =
  (visitors: RoomRows['visitors']) =>
  async (
    row: ReturnType<typeof idsOf> & Record<string, unknown>,
    isForGood: boolean,
  ): Promise<OccupancyChange | undefined> => {
    const before = isForGood
      ? await visitors.findOneAndDelete(row).lean()
      : await visitors
          .findOneAndUpdate({ ...row, here: true }, { $set: { here: false, servers: [] } })
          .lean();
    if (!before?.here) return undefined;
    return changeOf(row.conversationId.toHexString(), { left: [toPerson(before)] });
  };
