import { LRUCache } from 'lru-cache';
import type { Caller } from '../../core/caller.js';
import type { GuestRow } from './rooms.model.js';

/** Somebody without an account, as a caller: `guest` says where they may be, and that is all that they may. */
export type GuestCaller = Caller & { guest: NonNullable<Caller['guest']>; expiresAt: Date };

/** A session as it was read last. */
export interface KnownGuest {
  row: GuestRow;
  readAt: number;
}

export type KnownGuests = ReturnType<typeof createKnownGuests>;

const remembered = 10_000;

/** What this process remembers of guests' sessions. */
export function createKnownGuests({ now }: { now: () => number }) {
  // Not by its own `fetch`: an age counts from before the read, by the clock that is given.
  const byToken = new LRUCache<string, KnownGuest>({ max: remembered });
  // Sessions do not come back to life.
  const ended = new LRUCache<string, true>({ max: remembered });
  const addresses = new LRUCache<string, string>({ max: remembered });

  const forgetAll = (userIds: ReadonlySet<string>): void => {
    for (const [hash, { row }] of byToken.entries())
      if (userIds.has(row._id.toHexString())) byToken.delete(hash);
  };

  return {
    byToken,
    addresses,

    /** Null for a session that is over. */
    toCaller(row: GuestRow): GuestCaller | null {
      const userId = row._id.toHexString();
      if (ended.has(userId) || row.expiresAt.getTime() <= now()) return null;
      addresses.set(userId, row.address);
      const guest = { conversationId: row.conversationId.toHexString(), name: row.name };
      return { userId, sessionId: userId, guest, expiresAt: row.expiresAt };
    },

    /** To be read again. */
    forget: (userId: string): void => forgetAll(new Set([userId])),

    /** Before their rows are deleted: what is under way in their name comes too late from here on. */
    markEnded(userIds: readonly string[]): void {
      for (const userId of userIds) ended.set(userId, true);
      // Of others nothing is remembered: other servers' people have not been here.
      const seen = userIds.filter((userId) => addresses.has(userId));
      if (seen.length > 0) forgetAll(new Set(seen));
    },

    isEnded: (userId: string): boolean => ended.has(userId),
  };
}
