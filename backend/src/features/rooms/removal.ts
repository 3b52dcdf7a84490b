import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import type { Emitter } from '../../realtime/emitter.js';
import { createRoomEnd, type RoomEndDeps } from './room-end.js';
import { createRoomSweep, type RoomSweepDeps } from './room-sweep.js';
import type { Arrivals } from './arrivals.js';
import type { Guests } from './guests.js';
import { lobbySlug } from './room-id.js';
import type { RoomRow } from './room-rows.js';

export interface RemovalDeps extends RoomEndDeps, Omit<RoomSweepDeps, 'end' | 'emitEnded'> {
  log: RoomEndDeps['log'] & RoomSweepDeps['log'];
  conversations: RoomSweepDeps['conversations'] & {
    /** Nothing of the room is served any more. Throws NOT_FOUND. */
    dissolve: (conversationId: string, by: string, sweepAt: Date) => Promise<void>;
    /** Who was in it then. */
    everybodyIn: (conversationId: string) => Promise<string[]>;
  };
  /** Throws NOT_FOUND. */
  roomOf: (slug: string) => Promise<RoomRow>;
  isAdmin: (userId: string) => Promise<boolean>;
  guests: Pick<Guests, 'endAmong' | 'endRoom'>;
  arrivals: Pick<Arrivals, 'dissolved'>;
  /** Throws RATE_LIMITED. */
  count: (userId: string) => Promise<void>;
  emit: Pick<Emitter, 'toPeople' | 'endSession'>;
}

/** Whoever was reading or writing there when it was deleted has had an answer by then. */
export const sweptAfterMs = 10_000;
const emittedAtOnce = 1_000;

/** Rooms that are deleted: at once for everybody, and then, by turns, in the database. */
export function createRemoval(deps: RemovalDeps) {
  const { conversations, roomOf, isAdmin, guests, arrivals, count, emit, clock, report } = deps;
  const end = createRoomEnd(deps);
  const emitEnded = (guest: string): void => emit.endSession(guest, 'deleted');
  const sweeping = createRoomSweep({ ...deps, end, emitEnded });

  /** The room, for whoever may delete it. @throws AppError NOT_FOUND, FORBIDDEN, REFUSED (the lobby) */
  async function requireRuler(caller: Caller, slug: string): Promise<RoomRow> {
    const row = await roomOf(slug);
    const owns = row.ownerId?.equals(caller.userId) === true;
    if (!owns && (caller.guest !== undefined || !(await isAdmin(caller.userId))))
      throw new AppError('FORBIDDEN', 'Only the owner of the room can do that');
    if (row.slug === lobbySlug) throw new AppError('REFUSED', 'The lobby cannot be deleted');
    return row;
  }

  /** Deletes it for everybody, at once and for good. @throws AppError NOT_FOUND, FORBIDDEN, REFUSED (the lobby) */
  async function remove(caller: Caller, slug: string): Promise<void> {
    await count(caller.userId);
    const { _id, ownerId } = await requireRuler(caller, slug);
    const conversationId = _id.toHexString();
    await conversations.dissolve(conversationId, caller.userId, new Date(clock.now() + sweptAfterMs));
    // From here on it is deleted, whatever becomes of the rest: the sweep sees to what is left of that.
    const wereIn = await conversations.everybodyIn(conversationId).catch((error: unknown) => {
      report(error);
      return [];
    });
    arrivals.dissolved(conversationId, wereIn);
    for (let start = 0; start < wereIn.length; start += emittedAtOnce)
      emit.toPeople(wereIn.slice(start, start + emittedAtOnce), 'conversation:gone', { conversationId });
    await end.record({ _id, ownerId, deletedBy: new Types.ObjectId(caller.userId) }).catch(report);
    await end.endLog(conversationId).catch(report);
    // Those who are not here just now may be a great many: the sweep ends their sessions.
    await guests
      .endAmong(conversationId, wereIn)
      .then((ended) => ended.forEach(emitEnded))
      .catch(report);
    await sweeping.expect().catch(report);
  }

  return { remove, ...sweeping };
}
