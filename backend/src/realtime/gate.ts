import { type IncomingMessage, ServerResponse } from 'node:http';
import { httpStatus } from '@sori/contract';
import { AppError, toWireError } from '../core/errors.js';
import { answerHeaders, type SocketServer } from './server.js';

export interface GateDeps {
  /** False for a request that comes from somebody else's page. */
  originAllowed: (request: IncomingMessage) => boolean;
}

function refuse(request: IncomingMessage, response: unknown, error: AppError): void {
  const body = JSON.stringify(toWireError(error));
  const status = httpStatus[error.code];
  const headers: Record<string, string> = {
    ...answerHeaders,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...(error.retryAfterMs === undefined
      ? {}
      : { 'Retry-After': String(Math.ceil(error.retryAfterMs / 1_000)) }),
  };
  if (response instanceof ServerResponse) {
    response.writeHead(status, headers).end(body);
    return;
  }
  // An upgrade has no ServerResponse, and Engine.IO's own refusal of one is always a 400 in plain text.
  const { socket } = request;
  // The peer may be gone already: then there is nobody left to tell.
  socket.on('error', () => socket.destroy());
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    [`HTTP/1.1 ${status} ${status === 403 ? 'Forbidden' : 'Service Unavailable'}`, ...head, '', body].join(
      '\r\n',
    ),
  );
  // Half-closing leaves the other half to the peer, who may keep it for ever.
  socket.destroySoon();
}

export interface Gate {
  /** From now on every new handshake gets 503; who is in stays in. */
  shut(): void;
  isShut(): boolean;
}

/**
 * Stands before Engine.IO, where an answer can still be a proper HTTP status: pages of other origins are refused before
 * any identity is looked at (a WebSocket is not held back by CORS), and everybody new is while the server stops.
 */
export function createGate(io: SocketServer, { originAllowed }: GateDeps): Gate {
  let shut = false;
  io.engine.use((request: IncomingMessage, response: unknown, next: () => void) => {
    if (!originAllowed(request)) {
      refuse(request, response, new AppError('FORBIDDEN', 'This page may not talk to this server'));
      return;
    }
    const { origin } = request.headers;
    // An allowed origin that is not ours can use long polling only if the browser lets it read the answers.
    if (origin !== undefined && response instanceof ServerResponse) {
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Allow-Credentials', 'true');
      response.setHeader('Vary', 'Origin');
    }
    const isHandshake = !new URL(request.url ?? '/', 'http://localhost').searchParams.get('sid');
    if (shut && isHandshake) {
      refuse(request, response, stopping());
      return;
    }
    next();
  });
  return { shut: () => void (shut = true), isShut: () => shut };
}

export const stopping = (): AppError =>
  new AppError('UNAVAILABLE', 'The server is restarting. Please try again in a moment');
