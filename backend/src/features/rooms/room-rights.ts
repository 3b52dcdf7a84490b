import type { Role } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import type { RoomRow } from './room-rows.js';

export interface RoomRightsDeps {
  /** Throws NOT_FOUND. */
  roomOf: (slug: string) => Promise<RoomRow>;
  roleIn: (conversationId: string, userId: string) => Promise<Role | null>;
  isAdmin: (userId: string) => Promise<boolean>;
  /** Throws RATE_LIMITED. */
  count: (userId: string) => Promise<void>;
}

export type RequireRuler = ReturnType<typeof createRoomRights>;

/** Who rules a room: its owner, and administrators. The lobby is owned by nobody. */
export function createRoomRights({ roomOf, roleIn, isAdmin, count }: RoomRightsDeps) {
  /** The room, for whoever rules it; counts as a send. @throws AppError RATE_LIMITED, NOT_FOUND for outsiders, FORBIDDEN */
  return async function requireRuler(caller: Caller, slug: string): Promise<RoomRow> {
    await count(caller.userId);
    const row = await roomOf(slug);
    const role = await roleIn(row._id.toHexString(), caller.userId);
    // Also where they have left for a while: the room is still theirs.
    const owns = row.ownerId?.equals(caller.userId) === true;
    if (owns || (!caller.guest && (await isAdmin(caller.userId)))) return row;
    if (role === null) throw notFound();
    throw new AppError('FORBIDDEN', 'Only the owner of the room can do that');
  };
}
