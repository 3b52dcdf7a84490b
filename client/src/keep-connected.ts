import { backOff } from './back-off.js';
import type { Clock } from './clock.js';
import type { SoriSocket } from './connection.js';

/** Socket.IO's own reason for not coming back by itself. */
const endedByServer = 'io server disconnect';

/**
 * Socket.IO comes back by itself from a broken connection. This brings a socket back from the rest: a connection that the
 * server ended, and a refusal that passes (starting up, too busy). Whose session is over stays away.
 * @param isWanted Asked before each try: false while nobody is signed in.
 * @returns what ends it.
 */
export const keepConnected = (
  socket: SoriSocket,
  { clock, isWanted }: { clock: Pick<Clock, 'after' | 'random'>; isWanted: () => boolean },
): (() => void) => {
  let refusals = 0;
  let cancel: () => void = () => undefined;

  const connected = () => {
    refusals = 0;
  };
  const disconnected = (reason: string) => {
    if (reason === endedByServer && isWanted()) socket.connect();
  };
  const refused = (error: Error & { data?: { code?: string } }) => {
    if (error.data?.code === 'UNAUTHENTICATED' || socket.active || !isWanted()) return;
    cancel();
    cancel = clock.after(backOff(refusals, clock.random), () => {
      if (isWanted()) socket.connect();
    });
    refusals += 1;
  };
  socket.on('connect', connected);
  socket.on('disconnect', disconnected);
  socket.on('connect_error', refused);
  return () => {
    cancel();
    socket.off('connect', connected);
    socket.off('disconnect', disconnected);
    socket.off('connect_error', refused);
  };
};
