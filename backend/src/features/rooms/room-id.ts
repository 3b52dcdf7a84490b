import { createHash } from 'node:crypto';
import { Types } from 'mongoose';

/**
 * The `_id` of the room with this slug: as for two people's conversation (`directId`), no other unique index is needed,
 * on a sharded cluster either.
 */
export const roomId = (slug: string): Types.ObjectId =>
  new Types.ObjectId(createHash('sha256').update(`room ${slug}`).digest().subarray(0, 12));

/** The room that is there from the first start. */
export const lobbySlug = 'lobby';
export const lobbyId = roomId(lobbySlug).toHexString();

/** Whose the lobby is, and who wrote its first line. */
export const nobody = '0'.repeat(24);
