import type { Arrivals } from './arrivals.js';
import { createKickAndBan, type KickAndBanDeps } from './kick-and-ban.js';
import { createRemoval, type RemovalDeps } from './removal.js';
import type { RoomLimits } from './room-limits.js';
import { createRoomRights, type RoomRightsDeps } from './room-rights.js';
import { createRoomRules, type RoomRulesDeps } from './room-rules.js';

export type RoomRulingDeps = Omit<KickAndBanDeps, 'requireRuler' | 'addressesOf'> &
  Omit<RemovalDeps, 'count'> &
  Omit<RoomRulesDeps, 'requireRuler'> &
  Omit<RoomRightsDeps, 'count'> & {
    guests: KickAndBanDeps['guests'] & RemovalDeps['guests'];
    arrivals: KickAndBanDeps['arrivals'] & RemovalDeps['arrivals'] & Pick<Arrivals, 'addressesOf'>;
    log: RemovalDeps['log'] & RoomRulesDeps['log'];
    roomLimits: Pick<RoomLimits, 'ruled'>;
  };

/** What the owner of a room may do in it, and admins in every room. */
export function createRoomRuling(deps: RoomRulingDeps) {
  const { arrivals, roomLimits } = deps;
  const requireRuler = createRoomRights({ ...deps, count: roomLimits.ruled });
  return {
    /** Another name, other rules. @throws AppError RATE_LIMITED, NOT_FOUND, FORBIDDEN */
    change: createRoomRules({ ...deps, requireRuler }),

    ...createKickAndBan({
      ...deps,
      requireRuler,
      addressesOf: arrivals.addressesOf,
    }),

    removal: createRemoval({ ...deps, count: roomLimits.ruled }),
  };
}
