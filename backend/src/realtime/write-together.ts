import { Socket } from 'node:net';
import { type Connection, webSocketOf } from './connection.js';

/** The TCP connection below a WebSocket, which is private in the `ws` library's types; none below long polling. */
function below(connection: Connection): Socket | undefined {
  const webSocket = webSocketOf(connection);
  const socket: unknown = webSocket && '_socket' in webSocket ? webSocket._socket : undefined;
  return socket instanceof Socket ? socket : undefined;
}

/**
 * Lets what a connection is told within one turn of the event loop leave in one write. A batch of the log makes several
 * notices and acknowledgements for each socket at once, and a system call for each of them was a quarter of what a send cost.
 */
export function createWriteTogether(): (connection: Connection) => void {
  const held = new Set<Socket>();

  function release(): void {
    const sockets = [...held];
    // First, so that whatever is told while these are written waits for the next turn.
    held.clear();
    for (const socket of sockets) socket.uncork();
  }

  return (connection) => {
    // Engine.IO says so just before it hands packets to the transport.
    connection.on('flush', () => {
      const socket = below(connection);
      if (!socket || held.has(socket)) return;
      socket.cork();
      if (held.size === 0) setImmediate(release);
      held.add(socket);
    });
  };
}
