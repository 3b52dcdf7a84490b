import { type Place, placeOf } from '../http/address.js';
import type { Arrival } from '../http/forwarded.js';
import { rooms } from './rooms.js';
import type { Session, SocketServer, SoriSocket } from './server.js';

/**
 * Where a socket came from. As its connection said when it began: the request that it began with may have travelled on
 * another one, which is closed by now and has no address any more.
 */
const arrivalOf = ({ handshake }: SoriSocket): Arrival => ({
  headers: handshake.headers,
  socket: { remoteAddress: handshake.address },
});

export const placeOfSocket = (socket: SoriSocket, hops: number): Place => placeOf(arrivalOf(socket), hops);

export type Whereabouts = ReturnType<typeof createWhereabouts>;

/** Where people's sockets on this server are. For what is asked rarely. */
export function createWhereabouts(io: SocketServer, hops: number) {
  return {
    /** Whose sockets there are, each session once. */
    sessions(): Session[] {
      const sessions = new Map<string, Session>();
      for (const { data } of io.sockets.sockets.values()) sessions.set(data.session.sessionId, data.session);
      return [...sessions.values()];
    },

    /** The addresses that are this person's own. */
    addressesOf(userId: string): string[] {
      const here = io.sockets.adapter.rooms;
      return [rooms.person(userId), rooms.tutorial(userId)]
        .flatMap((name) => [...(here.get(name) ?? [])])
        .map((id) => io.sockets.sockets.get(id))
        .filter((socket) => socket !== undefined)
        .map((socket) => placeOfSocket(socket, hops))
        .filter(({ isOwn }) => isOwn)
        .map(({ address }) => address);
    },

    /** Who of a room's guests has a socket from one of these addresses. */
    guestsAt(conversationId: string, addresses: readonly string[]): string[] {
      return [...io.sockets.sockets.values()]
        .filter(({ data }) => data.session.guest?.conversationId === conversationId)
        .filter((socket) => addresses.includes(placeOfSocket(socket, hops).address))
        .map(({ data }) => data.session.userId);
    },
  };
}
