import { type Model, Types } from 'mongoose';
import { deleteByTurns, type TurnsOptions } from '../../database/delete-in-batches.js';
import { upkeepOf } from '../../database/upkeep.js';
import type { KnownGuests } from './known-guests.js';
import type { GuestRow } from './rooms.model.js';

export interface GuestEndingsDeps {
  guests: Model<GuestRow>;
  known: Pick<KnownGuests, 'markEnded'>;
  /** Milliseconds since 1970. */
  now: () => number;
}

const endedAtOnce = 1_000;

/** How guests' sessions end. */
export function createGuestEndings({ guests, known, now }: GuestEndingsDeps) {
  return {
    /** Another server ended it. */
    endedElsewhere: (userId: string): void => known.markEnded([userId]),

    /** Those of these people whose session is kept. */
    async living(userIds: readonly string[]): Promise<Set<string>> {
      const rows = await guests.find({ _id: { $in: userIds } }, { _id: 1 }).lean();
      return new Set(rows.map(({ _id }) => _id.toHexString()));
    },

    async endAll(userIds: readonly string[]): Promise<void> {
      known.markEnded(userIds);
      await guests.deleteMany({ _id: { $in: userIds } });
    },

    async end(userId: string): Promise<void> {
      known.markEnded([userId]);
      await guests.deleteOne({ _id: userId });
    },

    /** Ends the sessions of those of these people who are guests of the room. @returns whose */
    async endAmong(conversationId: string, userIds: readonly string[]): Promise<string[]> {
      const all: string[] = [];
      for (let start = 0; start < userIds.length; start += endedAtOnce) {
        const some = userIds.slice(start, start + endedAtOnce);
        const rows = await guests.find({ _id: { $in: some }, conversationId }, { _id: 1 }).lean();
        const ids = rows.map(({ _id }) => _id.toHexString());
        known.markEnded(ids);
        all.push(...ids);
        await guests.deleteMany({ _id: { $in: ids } });
      }
      return all;
    },

    /** Ends the sessions of everybody in this room, by turns, those who are not here just now included. */
    async endRoom(
      conversationId: string,
      endedNow: (userId: string) => void,
      { goesOn = () => true }: TurnsOptions = {},
    ): Promise<void> {
      const kept = upkeepOf(guests);
      const ofRoom = { conversationId: new Types.ObjectId(conversationId) };
      while (goesOn()) {
        const rows = await kept
          .find(ofRoom, { projection: { _id: 1 } })
          .limit(endedAtOnce)
          .toArray();
        if (rows.length === 0) return;
        const ids = rows.map(({ _id }) => _id.toHexString());
        known.markEnded(ids);
        await kept.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } }, { hint: { _id: 1 } });
        ids.forEach(endedNow);
      }
    },

    /** Removes what has expired; nobody was let in by it any more. */
    async sweep(options: TurnsOptions = {}): Promise<void> {
      await deleteByTurns(guests, { expiresAt: { $lte: new Date(now()) } }, options);
    },
  };
}
