import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { ClientToServerEvents, ServerToClientEvents } from '@sori/contract';
import { Server, type DefaultEventsMap, type Socket } from 'socket.io';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { Caller } from '../core/caller.js';
import { requestIdHeader } from '../http/request-id.js';
import { checkEngine } from './engine-check.js';

/** A caller, and until when they are one. */
export interface Session extends Caller {
  expiresAt: Date;
}

/** What the server knows of a socket, from its handshake alone. */
export interface SocketData {
  session: Session;
  /** True for a client that said `auth.protocol: 1`. */
  speaksSori: boolean;
}

export type SocketServer = Server<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type SoriSocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;

export interface SocketServerOptions {
  /** Default 20 s. */
  pingIntervalMs?: number;
  /** Default 15 s. */
  pingTimeoutMs?: number;
}

/**
 * The WebSockets below Engine.IO. What is unfinished is bounded in pieces too, each of which costs far more than its bytes;
 * browsers send a message whole, and a megabyte comes in at most about 2,000 pieces off the network. Pings are answered by
 * whoever counts them.
 */
class BoundedWebSockets extends WebSocketServer {
  constructor(options: ServerOptions) {
    super({ ...options, maxFragments: 256, maxBufferedChunks: 4_096, autoPong: false });
  }
}

/** What every answer of ours carries, in the strictest form: none of these is a page. */
export const answerHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'",
};

/**
 * Makes the Socket.IO server. It has no rules until `attachSockets` gives it some, so that comes before listening.
 * @param httpServer must have its request handler already: Socket.IO puts itself in front of those that are there.
 */
export function createSocketServer(
  httpServer: HttpServer,
  { pingIntervalMs = 20_000, pingTimeoutMs = 15_000 }: SocketServerOptions = {},
): SocketServer {
  checkEngine();
  const io: SocketServer = new Server(httpServer, {
    // Together with the 5 s of grace: a pulled cable shows to others after 40 s at most, a minute being allowed.
    pingInterval: pingIntervalMs,
    pingTimeout: pingTimeoutMs,
    // Four times what a request body may have: what is too large is then read, refused and answered. Beyond it the
    // WebSocket library cuts the connection.
    maxHttpBufferSize: 1024 * 1024,
    perMessageDeflate: false,
    wsEngine: BoundedWebSockets,
    // A connection that never asks for a namespace. The default is 45 s.
    connectTimeout: 10_000,
    // /socket.io/socket.io.js, for pages without a build of their own.
    serveClient: true,
    // connectionStateRecovery stays off: it can fail by design and would let a socket back in past the handshake's
    // checks. What was missed comes from the database.
  });
  // Engine.IO's middlewares do not see the requests for the client's script.
  httpServer.prependListener('request', ({ url }, response) => {
    if (!url?.startsWith(`${io.path()}/`)) return;
    for (const [name, value] of Object.entries(answerHeaders)) response.setHeader(name, value);
  });
  // The answer to an upgrade is written by the WebSocket library.
  io.engine.on('headers', (headers: Record<string, string>, request: IncomingMessage) => {
    if (request.headers.upgrade !== undefined) Object.assign(headers, requestIdHeader(request));
  });
  return io;
}
