import { Types } from 'mongoose';
import { refused } from '../../core/errors.js';
import type { BanRow, RoomRows } from './rooms.model.js';
import { deleteByTurns, type TurnsOptions } from '../../database/delete-in-batches.js';

export interface BansDeps {
  bans: RoomRows['bans'];
  /** Milliseconds since 1970. */
  now: () => number;
}

/** An address belongs to somebody else next week, and often to many people today. */
const clearedMax = 1_000;
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
      if (banned) throw refused('banned', 'You have been banned from this room');
    },

    /** Keeps this person out, and whoever comes from these addresses without an account. Twice is once. */
    async add(
      conversationId: string,
      { userId, addresses, by }: { userId: string; addresses: readonly string[]; by: string },
    ): Promise<void> {
      const room = { conversationId: new Types.ObjectId(conversationId) };
      const at = new Date(now());
      const said = { by: new Types.ObjectId(by), at };
      await bans.updateOne({ ...room, userId: new Types.ObjectId(userId) }, { $set: said }, { upsert: true });
      const expiresAt = new Date(at.getTime() + addressBanMs);
      for (const address of addresses)
        await bans.updateOne({ ...room, address }, { $set: { ...said, expiresAt } }, { upsert: true });
    },

    /** Keeps out whoever comes without an account from where a banned account is, and sends them out on all servers. */
    async addAddresses(
      conversationId: string,
      { addresses, by }: { addresses: readonly string[]; by: string },
    ): Promise<void> {
      const at = new Date(now());
      const said = { by: new Types.ObjectId(by), at, clears: true };
      const expiresAt = new Date(at.getTime() + addressBanMs);
      for (const address of addresses) {
        const one = { conversationId: new Types.ObjectId(conversationId), address };
        await bans.updateOne(one, { $set: { ...said, expiresAt } }, { upsert: true });
      }
    },

    /** The addresses from which everybody without an account was sent out since then. */
    async clearedSince(since: Date): Promise<{ conversationId: Types.ObjectId; address: string }[]> {
      const rows = await bans
        .find({ clears: true, at: { $gte: since } })
        .limit(clearedMax)
        .lean();
      return rows.flatMap(({ conversationId, address = '' }) => ({ conversationId, address }));
    },

    /** The ban of this person; null where there is none. */
    find: (conversationId: string, userId: string): Promise<BanRow | null> =>
      bans.findOne({ conversationId, userId: new Types.ObjectId(userId) }).lean(),

    async sweep(options: TurnsOptions = {}): Promise<void> {
      await deleteByTurns(bans, { expiresAt: { $lte: new Date(now()) } }, options);
    },
  };
}
