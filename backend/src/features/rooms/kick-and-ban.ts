import type { Person } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import type { Bans } from './bans.js';
import type { Comings } from './arrivals.js';
import type { Guests } from './guests.js';
import type { Here } from './occupancy.js';
import type { RoomRow } from './room-rows.js';
import type { Ruled } from './room-rights.js';

export interface KickAndBanDeps {
  ruled: Ruled;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  here: Pick<Here, 'find'>;
  guests: Pick<Guests, 'find'>;
  bans: Pick<Bans, 'add'>;
  comings: Pick<Comings, 'evict' | 'evictFrom' | 'plainAddressOf'>;
  /** Where an account is, or was lately: addresses that are its own. */
  addressesOf: (userId: string) => string[];
}

/** Who may send somebody out of a room, and whom. */
export function createKickAndBan(deps: KickAndBanDeps) {
  const { ruled, people, here, guests, bans, comings, addressesOf } = deps;

  /** Who is to go. @throws AppError NOT_FOUND for somebody who was never here, FORBIDDEN for the owner */
  async function target(
    { _id, ownerId }: RoomRow,
    userId: string,
  ): Promise<{ isIn: boolean; isGuest: boolean; address: string | undefined }> {
    const conversationId = _id.toHexString();
    const [visitor, guest] = await Promise.all([here.find(conversationId, userId), guests.find(userId)]);
    if (ownerId?.equals(userId)) throw new AppError('FORBIDDEN', 'The owner of a room cannot be sent away');
    const known = guest?.conversationId.toHexString() === conversationId ? guest : null;
    if (!visitor && !known && !(await people([userId])).has(userId)) throw notFound();
    return {
      isIn: visitor !== null,
      isGuest: known !== null,
      address: known?.address ?? comings.plainAddressOf(userId),
    };
  }

  return {
    /** Sends somebody out, who may come in again (a guest: as another one). For the owner, and admins. */
    async kick(caller: Caller, slug: string, userId: string): Promise<void> {
      const row = await ruled(caller, slug);
      const { isIn } = await target(row, userId);
      if (!isIn) throw notFound();
      await comings.evict(row._id.toHexString(), userId, 'kicked');
    },

    /**
     * The same, and does not let them in again: an account by its id, others by session and address. An account that is
     * sent away does not stay, or come back, without one: who is at its addresses and has none goes too.
     */
    async ban(caller: Caller, slug: string, userId: string): Promise<void> {
      const row = await ruled(caller, slug);
      const conversationId = row._id.toHexString();
      const { address, isIn, isGuest } = await target(row, userId);
      const itsOwn = address === undefined ? [...new Set(addressesOf(userId))] : [];
      const addresses = address === undefined ? itsOwn : [address];
      await bans.add(conversationId, { userId, addresses, by: caller.userId });
      if (isIn || isGuest) await comings.evict(conversationId, userId, 'kicked');
      if (itsOwn.length > 0) await comings.evictFrom(conversationId, itsOwn);
    },
  };
}
