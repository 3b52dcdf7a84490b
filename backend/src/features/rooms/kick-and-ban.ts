import type { Person, RoomTarget } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import type { OtherServers } from './evictions.js';
import type { Bans } from './bans.js';
import type { Arrivals } from './arrivals.js';
import type { Guests } from './guests.js';
import type { Occupancy } from './occupancy.js';
import type { RoomRow } from './room-rows.js';
import type { RequireRuler } from './room-rights.js';

export interface KickAndBanDeps {
  requireRuler: RequireRuler;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  occupancy: Pick<Occupancy, 'rowOf'>;
  guests: Pick<Guests, 'find'>;
  bans: Pick<Bans, 'add' | 'addAddresses'>;
  others: Pick<OtherServers, 'banned'>;
  arrivals: Pick<Arrivals, 'evict' | 'evictFrom'>;
  /** Where an account is, or was lately: addresses that are its own. */
  addressesOf: (userId: string) => string[];
}

/** Who is sent away, and from where. */
export interface Sent extends RoomTarget {
  slug: string;
}

/** Who may send somebody out of a room, and whom. */
export function createKickAndBan(deps: KickAndBanDeps) {
  const { requireRuler, people, occupancy, guests, bans, arrivals, others, addressesOf } = deps;

  /** Who is to go. @throws AppError NOT_FOUND for somebody who was never here, FORBIDDEN for the owner */
  async function target(
    { _id, ownerId }: RoomRow,
    userId: string,
  ): Promise<{ isIn: boolean; isGuest: boolean; address: string | undefined }> {
    const conversationId = _id.toHexString();
    const [visitor, guest] = await Promise.all([
      occupancy.rowOf(conversationId, userId),
      guests.find(userId),
    ]);
    if (ownerId?.equals(userId)) throw new AppError('FORBIDDEN', 'The owner of a room cannot be sent away');
    const known = guest?.conversationId.toHexString() === conversationId ? guest : null;
    if (!visitor && !known && !(await people([userId])).has(userId)) throw notFound();
    return {
      isIn: visitor !== null,
      isGuest: known !== null,
      address: known?.address ?? visitor?.address,
    };
  }

  return {
    /** Sends somebody out, who may come in again (a guest: as another one). For the owner, and admins. */
    async kick(caller: Caller, { slug, userId }: Sent): Promise<void> {
      const row = await requireRuler(caller, slug);
      const { isIn } = await target(row, userId);
      if (!isIn) throw notFound();
      await arrivals.evict(row._id.toHexString(), userId, 'kicked');
    },

    /**
     * The same, and does not let them in again: an account by its id, others by session and address. An account that is
     * sent away does not stay, or come back, without one: who is at its addresses and has none goes too.
     */
    async ban(caller: Caller, { slug, userId }: Sent): Promise<void> {
      const row = await requireRuler(caller, slug);
      const conversationId = row._id.toHexString();
      const { address, isIn, isGuest } = await target(row, userId);
      const itsOwn = address === undefined ? [...new Set(addressesOf(userId))] : [];
      const by = caller.userId;
      await bans.add(conversationId, { userId, addresses: address === undefined ? [] : [address], by });
      await bans.addAddresses(conversationId, { addresses: itsOwn, by });
      // Where it is by other servers is known there.
      if (address === undefined) others.banned(conversationId, userId, by);
      if (isIn || isGuest) await arrivals.evict(conversationId, userId, 'kicked');
      if (itsOwn.length > 0) await arrivals.evictFrom(conversationId, itsOwn);
    },
  };
}
