import { createHash, randomBytes } from 'node:crypto';
import { type Model, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { createGuestEndings } from './guest-endings.js';
import { createKnownGuests, type GuestCaller } from './known-guests.js';
import type { GuestRow } from './rooms.model.js';

export interface GuestsDeps {
  guests: Model<GuestRow>;
  /** The same on connections of their own, for tokens that may be anybody's invention: no send waits for those. */
  reads: Pick<Model<GuestRow>, 'findOne'>;
  ttlSeconds: number;
  /** Milliseconds since 1970. */
  now: () => number;
}

export type { GuestCaller };

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
const tokenBytes = 32;
/** What that is in base64url. */
const tokenLength = 43;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

export type Guests = ReturnType<typeof createGuests>;

/** Sessions of people without an account, each for one room. */
export function createGuests({ guests, reads, ttlSeconds, now }: GuestsDeps) {
  const known = createKnownGuests({ now });

  return {
    /** Who has this token, or null. Throws while the database is away and nothing recent is known. */
    async authenticate(token: string): Promise<GuestCaller | null> {
      if (token.length !== tokenLength) return null;
      const tokenHash = hashOf(token);
      const hit = known.byToken.get(tokenHash);
      const age = hit ? now() - hit.readAt : Infinity;
      if (hit && age >= 0 && age < trustedForMs) return known.toCaller(hit.row);
      const readAt = now();
      const row = await (hit ? guests : reads).findOne({ tokenHash }).lean();
      if (!row) {
        known.byToken.delete(tokenHash);
        return null;
      }
      known.byToken.set(tokenHash, { row, readAt });
      return known.toCaller(row);
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
      known.addresses.set(userId, address);
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
      known.forget(userId);
    },

    /** The guest, for as long as the session is kept. */
    find: (userId: string): Promise<GuestRow | null> => guests.findById(userId).lean(),

    /** Where a guest who was here lately came from. */
    addressOf: (userId: string): string | undefined => known.addresses.get(userId),

    /** The guests of a room who came from these addresses. */
    async from(conversationId: string, from: readonly string[]): Promise<string[]> {
      const rows = await guests.find({ conversationId, address: { $in: from } }, { _id: 1 }).lean();
      return rows.map(({ _id }) => _id.toHexString());
    },

    ...createGuestEndings({ guests, known, now }),

    /** True for a session that was ended here: whatever is still under way in its name comes too late. */
    isEnded: (userId: string): boolean => known.isEnded(userId),
  };
}
