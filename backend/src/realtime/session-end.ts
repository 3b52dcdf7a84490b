import { toAppError } from '../core/errors.js';
import type { Clock } from './clock.js';
import { closeForGood } from './connection.js';
import { type HandshakeDeps, sessionOf } from './handshake.js';
import type { SoriSocket } from './server.js';

export interface SessionEndDeps {
  authenticate: HandshakeDeps['authenticate'];
  clock: Clock;
  report: (bug: unknown) => void;
}

// How long a session may live on unseen if the database goes away between a socket's handshake and the look after it.
const lookAgainMs = 1_000;

// A function, since it may change during every await.
export const isHere = (socket: SoriSocket): boolean => socket.connected;

/** Closes the sockets of a session that is over. */
export function createSessionEnd({ authenticate, clock, report }: SessionEndDeps) {
  function expel(socket: SoriSocket, reason: 'logout' | 'expired'): void {
    socket.emit('session', { reason });
    closeForGood(socket, clock);
  }

  /** Closes the socket when its session's time has come. */
  function expire(socket: SoriSocket): void {
    const left = socket.data.session.expiresAt.getTime() - clock.now();
    if (left <= 0) {
      expel(socket, 'expired');
      return;
    }
    const cancel = clock.after(left, () => {
      socket.off('disconnect', cancel);
      expire(socket);
    });
    socket.once('disconnect', cancel);
  }

  /**
   * Whether the session still stands, now that the socket is in the session's room. A session that ended between the
   * handshake's look and the joining notified a room in which this socket was not yet.
   */
  async function isStillSignedIn(socket: SoriSocket): Promise<boolean> {
    try {
      const session = await sessionOf(socket.handshake, authenticate);
      return session?.sessionId === socket.data.session.sessionId;
    } catch (error) {
      toAppError(error, report);
      if (!isHere(socket)) return true;
      const cancel = clock.after(lookAgainMs, () => {
        socket.off('disconnect', cancel);
        void expelUnlessSignedIn(socket);
      });
      socket.once('disconnect', cancel);
      return true;
    }
  }
  async function expelUnlessSignedIn(socket: SoriSocket): Promise<void> {
    if (!(await isStillSignedIn(socket)) && isHere(socket)) expel(socket, 'logout');
  }

  return { expire, expelUnlessSignedIn };
}
