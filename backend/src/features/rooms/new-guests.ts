import type { RoomPerson } from '@sori/contract';
import { Types } from 'mongoose';
import type { Bans } from './bans.js';
import type { Comings, Wish } from './comings.js';
import type { ConnectedOccupants } from './connected-occupants.js';
import type { Evictions } from './evictions.js';
import type { Begun, Guests } from './guests.js';
import { refuseReserved } from './reserved.js';
import type { RoomLimits } from './room-limits.js';
import type { RoomRow } from './room-rows.js';

export interface NewGuestsDeps {
  guests: Pick<Guests, 'begin'>;
  bans: Pick<Bans, 'refuseBanned'>;
  roomLimits: Pick<RoomLimits, 'stranger' | 'newGuest'>;
  putGuest: Comings['putGuest'];
  connectedOccupants: Pick<ConnectedOccupants, 'entered'>;
  evict: Evictions['evict'];
}

/** Those who come into a room without an account, for the first time. */
export function createNewGuests(deps: NewGuestsDeps) {
  const { guests, bans, roomLimits, putGuest, connectedOccupants, evict } = deps;

  /** Somebody new comes in without an account. @throws AppError REFUSED (a ban, a reserved name), RATE_LIMITED */
  return async function enterNewGuest(
    { _id, language: ofRoom = 'en' }: RoomRow,
    { nickname, language = ofRoom }: Wish,
    address: string,
  ): Promise<Begun & { me: RoomPerson }> {
    const conversationId = _id.toHexString();
    refuseReserved(nickname);
    await roomLimits.stranger(address);
    await bans.refuseBanned(conversationId, { address });
    await roomLimits.newGuest(address);
    const userId = new Types.ObjectId().toHexString();
    const me = await putGuest({ userId, conversationId }, { language, nickname });
    const begun = await guests.begin({ userId, conversationId, name: me.name, address });
    connectedOccupants.entered(userId, conversationId);
    // One that was said meanwhile found nobody to send away.
    await bans.refuseBanned(conversationId, { address }).catch(async (error: unknown) => {
      await evict(conversationId, userId, 'kicked');
      throw error;
    });
    return { ...begun, me };
  };
}
