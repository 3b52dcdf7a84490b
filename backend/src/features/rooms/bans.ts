import { Types } from 'mongoose';
import { AppError } from '../../core/errors.js';
import type { RoomRows } from './rooms.model.js';

export interface BansDeps {
  bans: RoomRows['bans'];
  /** Milliseconds since 1970. */
  now: () => number;
}

/** An address belongs to somebody else next week, and often to many people today. */
const addressBanMs = 7 * 24 * 3_600_000;

/** Who wants to come in. `address` is given where nobody knows who it is: a new guest, a plain client. */
export interface Comer {
  userId?: string;
  address?: string;
}

export type Bans = ReturnType<typeof createBans>;

export function createBans({ bans, now }: BansDeps) {
  return {
    /** @throws AppError "REFUSED" */
    async refuseBanned(conversationId: string, { userId, address }: Comer): Promise<void> {
      const banned = await bans.exists({
        conversationId,
        $or: [
          ...(userId === undefined ? [] : [{ userId: new Types.ObjectId(userId) }]),
          ...(address === undefined ? [] : [{ address, expiresAt: { $gt: new Date(now()) } }]),
        ],
      });
      if (banned) throw new AppError('REFUSED', 'You have been banned from this room');
    },

    /** Keeps this person out, and whoever comes from this address without an account. */
    async add(
      conversationId: string,
      { userId, address, by }: { userId: string; address: string | undefined; by: string },
    ): Promise<void> {
      const at = new Date(now());
      const base = { conversationId: new Types.ObjectId(conversationId), by: new Types.ObjectId(by), at };
      await bans.create({ ...base, userId: new Types.ObjectId(userId) });
      if (address === undefined) return;
      await bans.create({ ...base, address, expiresAt: new Date(at.getTime() + addressBanMs) });
    },

    async sweep(): Promise<void> {
      await bans.deleteMany({ expiresAt: { $lte: new Date(now()) } });
    },
  };
}
