import type { RoomPerson } from '@sori/contract';
import { Types } from 'mongoose';
import type { RoomRows, VisitorRow } from './rooms.model.js';
import { createOccupancyChanges, idsOf, toPerson } from './occupancy-changes.js';

export interface OccupancyDeps {
  visitors: RoomRows['visitors'];
  /** Names this server among those of the same database. */
  serverId: string;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Nobody reads further, and every page asks for it. */
const listedMax = 1_000;
const renewedAtOnce = 1_000;

/** Somebody who is in a room just now, and the servers that have them. */
export interface OccupantRow {
  person: RoomPerson;
  servers: readonly string[];
}

export type Occupancy = ReturnType<typeof createOccupancy>;

/** Who is in which room just now, as the database has it. Guests have a row while they are here, accounts until they leave. */
export function createOccupancy({ visitors, serverId, now }: OccupancyDeps) {
  const rowOf = (conversationId: string, userId: string): Promise<VisitorRow | null> =>
    visitors.findOne(idsOf(conversationId, userId)).lean();

  /** For many people, some at a time. */
  async function updateAll(userIds: readonly string[], filter: object, update: object): Promise<void> {
    for (let start = 0; start < userIds.length; start += renewedAtOnce) {
      const some = userIds.slice(start, start + renewedAtOnce).map((id) => new Types.ObjectId(id));
      await visitors.updateMany({ userId: { $in: some }, ...filter }, update);
    }
  }

  return {
    ...createOccupancyChanges({ visitors, serverId, now }),
    rowOf,

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
      const row = await rowOf(conversationId, userId);
      return row && toPerson(row);
    },

    /** The rooms that an account entered and has not left. */
    async roomsOf(userId: string): Promise<{ conversationId: string; name: string }[]> {
      const rows = await visitors.find({ userId, guest: false }, { conversationId: 1, name: 1 }).lean();
      return rows.map(({ conversationId, name }) => ({ conversationId: conversationId.toHexString(), name }));
    },

    isMine: ({ servers }: OccupantRow): boolean => servers.includes(serverId),

    /** Everybody who is in these rooms; undefined where they are more than so many. */
    async allIn(
      conversationIds: readonly string[],
      most: number,
    ): Promise<Map<string, OccupantRow[]> | undefined> {
      const rows = await visitors
        .find({ conversationId: { $in: conversationIds }, here: true })
        .limit(most + 1)
        .lean();
      if (rows.length > most) return undefined;
      const byRoom = new Map<string, OccupantRow[]>();
      for (const row of rows) {
        const id = row.conversationId.toHexString();
        const occupant = { person: toPerson(row), servers: row.servers ?? [] };
        const those = byRoom.get(id);
        if (those) those.push(occupant);
        else byRoom.set(id, [occupant]);
      }
      return byRoom;
    },

    /** The places of these people in rooms, and whether they are here just now. */
    async placesOf(userIds: readonly string[]): Promise<Map<string, Map<string, boolean>>> {
      const rows = await visitors
        .find({ userId: { $in: userIds } }, { conversationId: 1, userId: 1, here: 1 })
        .lean();
      const places = new Map<string, Map<string, boolean>>();
      for (const { conversationId, userId, here } of rows) {
        const id = userId.toHexString();
        places.set(
          id,
          (places.get(id) ?? new Map<string, boolean>()).set(conversationId.toHexString(), here),
        );
      }
      return places;
    },

    /** The rooms in which somebody is by this server. */
    async heldOf(userId: string): Promise<string[]> {
      const rows = await visitors.find({ userId, servers: serverId }, { conversationId: 1 }).lean();
      return rows.map(({ conversationId }) => conversationId.toHexString());
    },

    /** These people's sockets are still with this server: also in rooms that they entered by another one. */
    renew: (userIds: readonly string[]): Promise<void> =>
      updateAll(
        userIds,
        { here: true },
        { $set: { seenAt: new Date(now()) }, $addToSet: { servers: serverId } },
      ),

    /** This server stops: its people have the time of lost ones to come to another one, or to this one again. */
    releaseAll: (userIds: readonly string[]): Promise<void> =>
      updateAll(
        userIds,
        { servers: serverId },
        { $set: { seenAt: new Date(now()) }, $pull: { servers: serverId } },
      ),

    /** Who was there by that server as well goes with their last socket on another one; the others are lost. */
    async forgetServer(vanished: string): Promise<void> {
      await visitors.updateMany({ here: true, servers: vanished }, { $pull: { servers: vanished } });
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
