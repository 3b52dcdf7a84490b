import { Socket } from 'node:net';
import { type Connection, webSocketOf } from './connection.js';

/** The TCP connection below a WebSocket, which is private in the `ws` library's types; none below long polling. */
function below(connection: Connection): Socket | undefined {
  const webSocket = webSocketOf(connection);
  const socket: unknown = webSocket && '_socket' in webSocket ? webSocket._socket : undefined;
  return socket instanceof Socket ? socket : undefined;
}

/**
 * Lets what a connection is sent within one turn of the event loop leave in one write. A batch of the log makes several
 * notices and acknowledgements for each socket at once, and system calls for each of them were a quarter of what a send cost,
 * here and at the client.
 */
export function createWriteTogether(): (connection: Connection) => void {
  /** Given something to send in this turn. */
  const connectionsHeld = new Set<Connection>();
  /** Written to in this turn. */
  const corked = new Set<Socket>();
  let scheduled = false;

  function release(): void {
    scheduled = false;
    const connections = [...connectionsHeld];
    connectionsHeld.clear();
    for (const { transport } of connections) {
      transport.writable = true;
      // Engine.IO then hands over all that waits, at once.
      transport.emit('ready');
    }
    const sockets = [...corked];
    // First, so that whatever is emitted while these are written waits for the next turn.
    corked.clear();
    for (const socket of sockets) socket.uncork();
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(release);
  }

  return (connection) => {
    // Before a packet is put with those that wait. A transport that is busy says by itself when it is free.
    connection.on('packetCreate', () => {
      if (!connection.transport.writable || !webSocketOf(connection)) return;
      connection.transport.writable = false;
      connectionsHeld.add(connection);
      schedule();
    });
    // Just before what waits is handed to the transport, which writes it packet by packet.
    connection.on('flush', () => {
      const socket = below(connection);
      if (!socket || corked.has(socket)) return;
      socket.cork();
      corked.add(socket);
      schedule();
    });
  };
}
