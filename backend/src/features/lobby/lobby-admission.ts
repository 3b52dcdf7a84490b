import { notFound, unavailable } from '../../core/errors.js';
import { createPlaces } from '../../limits/places.js';
import { onceGone } from '../../realtime/connection.js';
import type { SoriSocket } from '../../realtime/server.js';
import { placeOfSocket } from '../../realtime/whereabouts.js';
import { lobbyId } from '../rooms/room-id.js';
import type { Rooms } from '../rooms/room.service.js';

export interface LobbyAdmissionDeps {
  rooms: Pick<Rooms, 'refuseBanned'>;
  /** Counts one coming from this address, before anything is looked up for it; throws RATE_LIMITED. */
  countConnect: (address: string) => Promise<void>;
  config: { openLobby: boolean; trustProxyHops: number; limits: { openSocketsPerAddress: number } };
}

/** Which sockets may come to the lobby at all. */
export function createLobbyAdmission({ rooms, countConnect, config }: LobbyAdmissionDeps) {
  const places = createPlaces(
    config.limits.openSocketsPerAddress,
    'There are too many connections from your address',
  );

  /** @throws AppError NOT_FOUND (no lobby), RATE_LIMITED (too many from there), REFUSED (a ban) */
  return async function letIn(socket: SoriSocket): Promise<void> {
    if (!config.openLobby) throw notFound();
    const { address } = placeOfSocket(socket, config.trustProxyHops);
    await countConnect(address);
    // It may have gone by now, also in the very turn in which it came, and would never say so again.
    if (socket.conn.readyState !== 'open') throw unavailable();
    // Nothing is waited for in between: many that come at once must not all find the same place free.
    const leave = onceGone(socket, places.take(address));
    try {
      await rooms.refuseBanned(lobbyId, { address });
    } catch (error) {
      leave();
      throw error;
    }
  };
}
