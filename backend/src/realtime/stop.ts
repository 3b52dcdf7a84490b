import type { Clock } from './clock.js';
import { type Connection, closeSoon } from './connection.js';

const spreadMs = 3_000;
const stepMs = 100;

/**
 * Closes the transports one after the other, ten a second or as many as it takes to be done within three, so that their
 * clients do not all come back in the same moment. Not `socket.disconnect()`: clients take that for a goodbye and stay away.
 * @returns resolved when all are closed.
 */
export async function closeConnections(connections: ReadonlySet<Connection>, clock: Clock): Promise<void> {
  const left = [...connections];
  const closed = left.map((connection) =>
    connection.readyState === 'closed'
      ? Promise.resolve()
      : new Promise<void>((resolve) => connection.once('close', () => resolve())),
  );
  const atOnce = Math.ceil((left.length * stepMs) / spreadMs);
  const closeSome = (): void => {
    for (const connection of left.splice(0, atOnce)) closeSoon(connection, clock);
    if (left.length > 0) clock.after(stepMs, closeSome);
  };
  closeSome();
  await Promise.all(closed);
}
