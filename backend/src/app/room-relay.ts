import { lobbyId } from '../features/rooms/room-id.js';
import type { OccupancyListener } from '../features/rooms/room-announcements.js';
import type { Rooms } from '../features/rooms/room.service.js';
import { channels } from '../servers/publications.js';
import { createInOneOrder } from '../servers/in-one-order.js';
import type { Base } from './base.js';
import type { Services } from './services.js';

/** Where there are several servers: what others do in open rooms, as it is heard. */
export function subscribeRooms({ relay }: Base, services: Services, report: (error: unknown) => void): void {
  const { link, subscriptions } = relay;
  const { rooms, conversations, servers } = services;
  const { elsewhere } = rooms;
  link.on('roomMember', (change) => conversations.audiences.roomChanged(change));
  link.on('roomForgotten', ({ conversationId }) => conversations.audiences.forgetRoom(conversationId));
  link.on('evicted', ({ conversationId, userId }) => elsewhere.evicted(conversationId, userId));
  link.on('banned', ({ conversationId, userId, by }) => elsewhere.banned(conversationId, userId, by));
  link.on('cleared', ({ conversationId, addresses }) => elsewhere.cleared(conversationId, addresses));
  // Its sockets are told by the emitter.
  link.on('sessionEnded', ({ sessionId }) => elsewhere.sessionEnded(sessionId));
  // What is known of a room to which nobody listened is old.
  subscriptions?.onBeginning((conversationId) => () => conversations.audiences.forgetRoom(conversationId));
  servers.onVanished((serverId) => void rooms.serverVanished(serverId).catch(report));
}

/** The lobby's plain clients on all servers: what they are told of each other, and that this server listens for its own. */
export function relayLobby({ relay: { link, subscriptions }, clock }: Base, rooms: Rooms) {
  if (!subscriptions)
    return {
      onOccupancyChange: rooms.onOccupancyChange,
      attended: () => undefined,
      left: () => undefined,
    };
  const listeners: OccupancyListener[] = [];
  const inOneOrder = createInOneOrder({
    link,
    clock,
    heard: (change) => listeners.forEach((listener) => listener(change, false)),
  });
  rooms.onOccupancyChange((change, isOfOthers) => {
    if (change.conversationId !== lobbyId) return;
    // Those say it themselves to whoever hears them.
    if (isOfOthers) inOneOrder.found(change);
    else inOneOrder.say(change);
  });
  const here = new Set<string>();
  return {
    onOccupancyChange: (listener: OccupancyListener): void => void listeners.push(listener),

    /** Resolved once this server hears what concerns the lobby. */
    async attended(userId: string): Promise<void> {
      here.add(userId);
      await Promise.all([link.subscribe(channels.plain(lobbyId)), subscriptions.attended(userId, lobbyId)]);
    },

    left(userId: string): void {
      here.delete(userId);
      subscriptions.left(userId, lobbyId);
      if (here.size === 0) link.unsubscribe(channels.plain(lobbyId));
    },
  };
}
