import { createHash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type Model, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import type { GuestRow } from './rooms.model.js';
import { deleteByTurns, type TurnsOptions } from '../../database/delete-in-batches.js';
import { upkeepOf } from '../../database/upkeep.js';

export interface GuestsDeps {
  guests: Model<GuestRow>;
  /** The same on connections of their own, for tokens that may be anybody's invention: no send waits for those. */
  reads: Pick<Model<GuestRow>, 'findOne'>;
  ttlSeconds: number;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Somebody without an account, as a caller: `guest` says where they may be, and that is all that they may. */
export type GuestCaller = Caller & { guest: NonNullable<Caller['guest']>; expiresAt: Date };

export const isGuest = (caller: Caller): caller is GuestCaller => caller.guest !== undefined;

export interface NewGuest {
  userId: string;
  conversationId: string;
  name: string;
  /** As `addressOf` says. */
  address: string;
}

export interface Begun {
  caller: GuestCaller;
  token: string;
}

/** Half of the second within which an end on another server must be felt here, as for accounts. */
const trustedForMs = 500;
const remembered = 10_000;
const endedAtOnce = 1_000;
const tokenBytes = 32;
/** What that is in base64url. */
const tokenLength = 43;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

export type Guests = ReturnType<typeof createGuests>;

/** Sessions of people without an account, each for one room. */
export function createGuests({ guests, reads, ttlSeconds, now }: GuestsDeps) {
  // Not by its own `fetch`: an age counts from before the read, by the clock that is given.
  const known = new LRUCache<string, { row: GuestRow; readAt: number }>({ max: remembered });
  // Sessions do not come back to life.
  const ended = new LRUCache<string, true>({ max: remembered });
  const addresses = new LRUCache<string, string>({ max: remembered });

  const toCaller = (row: GuestRow): GuestCaller | null => {
    const userId = row._id.toHexString();
    if (ended.has(userId) || row.expiresAt.getTime() <= now()) return null;
    addresses.set(userId, row.address);
    const guest = { conversationId: row.conversationId.toHexString(), name: row.name };
    return { userId, sessionId: userId, guest, expiresAt: row.expiresAt };
  };

  const forget = (userId: string): void => {
    for (const [hash, { row }] of known.entries()) if (row._id.toHexString() === userId) known.delete(hash);
  };

  /** Before their rows are deleted: what is under way in their name comes too late from here on. */
  function markEnded(rows: readonly { _id: Types.ObjectId }[]): string[] {
    const ids = rows.map(({ _id }) => _id.toHexString());
    for (const userId of ids) ended.set(userId, true);
    const gone = new Set(ids);
    for (const [hash, { row }] of known.entries()) if (gone.has(row._id.toHexString())) known.delete(hash);
    return ids;
  }

  return {
    /** Who has this token, or null. Throws while the database is away and nothing recent is known. */
    async authenticate(token: string): Promise<GuestCaller | null> {
      if (token.length !== tokenLength) return null;
      const tokenHash = hashOf(token);
      const hit = known.get(tokenHash);
      const age = hit ? now() - hit.readAt : Infinity;
      if (hit && age >= 0 && age < trustedForMs) return toCaller(hit.row);
      const readAt = now();
      const row = await (hit ? guests : reads).findOne({ tokenHash }).lean();
      if (!row) {
        known.delete(tokenHash);
        return null;
      }
      known.set(tokenHash, { row, readAt });
      return toCaller(row);
    },

    /** A new guest of a room. The token is given once and not kept. */
    async begin({ userId, conversationId, name, address }: NewGuest): Promise<Begun> {
      const token = randomBytes(tokenBytes).toString('base64url');
      const createdAt = new Date(now());
      const row: GuestRow = {
        _id: new Types.ObjectId(userId),
        conversationId: new Types.ObjectId(conversationId),
        tokenHash: hashOf(token),
        name,
        address,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + ttlSeconds * 1_000),
      };
      await guests.create(row);
      addresses.set(userId, address);
      return {
        caller: {
          userId,
          sessionId: userId,
          guest: { conversationId, name },
          expiresAt: row.expiresAt,
        },
        token,
      };
    },

    async rename(userId: string, name: string): Promise<void> {
      await guests.updateOne({ _id: userId }, { $set: { name } });
      forget(userId);
    },

    /** The guest, for as long as the session is kept. */
    find: (userId: string): Promise<GuestRow | null> => guests.findById(userId).lean(),

    /** Where a guest who was here lately came from. */
    addressOf: (userId: string): string | undefined => addresses.get(userId),

    /** The guests of a room who came from these addresses. */
    async from(conversationId: string, from: readonly string[]): Promise<string[]> {
      const rows = await guests.find({ conversationId, address: { $in: from } }, { _id: 1 }).lean();
      return rows.map(({ _id }) => _id.toHexString());
    },

    async endAll(userIds: readonly string[]): Promise<void> {
      for (const userId of userIds) ended.set(userId, true);
      await guests.deleteMany({ _id: { $in: userIds } });
    },

    async end(userId: string): Promise<void> {
      ended.set(userId, true);
      forget(userId);
      await guests.deleteOne({ _id: userId });
    },

    /** Ends the sessions of those of these people who are guests of the room. @returns whose */
    async endAmong(conversationId: string, userIds: readonly string[]): Promise<string[]> {
      const all: string[] = [];
      for (let start = 0; start < userIds.length; start += endedAtOnce) {
        const some = userIds.slice(start, start + endedAtOnce);
        const rows = await guests.find({ _id: { $in: some }, conversationId }, { _id: 1 }).lean();
        all.push(...markEnded(rows));
        await guests.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } });
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
        const ids = markEnded(rows);
        await kept.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } }, { hint: { _id: 1 } });
        ids.forEach(endedNow);
      }
    },

    /** True for a session that was ended here: whatever is still under way in its name comes too late. */
    isEnded: (userId: string): boolean => ended.has(userId),

    /** Removes what has expired; nobody was let in by it any more. */
    async sweep(options: TurnsOptions = {}): Promise<void> {
      await deleteByTurns(guests, { expiresAt: { $lte: new Date(now()) } }, options);
    },
  };
}
