import { WebSocket } from 'ws';
import type { Clock } from './clock.js';
import type { SoriSocket } from './server.js';

/** What carries a socket: Engine.IO's connection. */
export type Connection = SoriSocket['conn'];

const names = new WeakMap<Connection, string>();

/** Gives a connection the name under which all that it brings is counted: a namespace can be left and joined again. */
export const nameConnection = (connection: Connection, name: string): void =>
  void names.set(connection, name);

/** Undefined for a connection that nobody guards. */
export const nameOf = (connection: Connection): string | undefined => names.get(connection);

// A close that waits for a reader who does not read would wait for ever; a session must be deaf within a second.
const patienceMs = 500;

/** The `ws` library's WebSocket, which is private in Engine.IO's types. */
export const webSocketOf = ({ transport }: Connection): WebSocket | undefined =>
  'socket' in transport && transport.socket instanceof WebSocket ? transport.socket : undefined;

/**
 * Cuts the connection without waiting for what is still unsent, and lets go of the memory that holds it. The client sees
 * its transport close, and comes back by itself.
 */
export function cut(connection: Connection): void {
  const { transport } = connection;
  const webSocket = webSocketOf(connection);
  connection.close(true);
  // close() asks politely and lets the `ws` library wait 30 s for an answer, with all that is unsent in memory.
  webSocket?.terminate();
  // A polling transport that was closed politely before waits 30 s for the client's next poll, and cannot be hurried.
  if (connection.readyState !== 'closed') transport.emit('close');
}

function cutAfterPatience(connection: Connection, clock: Clock): void {
  // A WebSocket outlives the connection above it until the client has answered its goodbye.
  const last = webSocketOf(connection) ?? connection;
  const cancel = clock.after(patienceMs, () => {
    last.off('close', cancel);
    cut(connection);
  });
  last.once('close', cancel);
}

/** Closes once everything is sent, or cuts where that takes more than half a second. The client comes back by itself. */
export function closeSoon(connection: Connection, clock: Clock): void {
  cutAfterPatience(connection, clock);
  const { transport } = connection;
  // Between two polls nothing can be said; the next one will get what waits, or find that the connection is gone.
  if (transport.name !== 'polling' || transport.writable) connection.close();
}

/**
 * Calls `gone` when this socket is, also where it never came to be connected. Its connection must be open.
 * @returns what does so at once
 */
export function onceGone(socket: SoriSocket, gone: () => void): () => void {
  const { conn } = socket;
  const leave = (): void => {
    // The connection may carry one socket after the other.
    conn.off('close', leave);
    gone();
  };
  conn.once('close', leave);
  socket.once('disconnect', leave);
  return leave;
}

/** Closes the socket in a way that keeps its client from coming back by itself, connection included. */
export function closeForGood(socket: SoriSocket, clock: Clock): void {
  cutAfterPatience(socket.conn, clock);
  socket.disconnect(true);
}
