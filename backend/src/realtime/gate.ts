import { type IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from '@sori/contract';
import { AppError, misdirected } from '../core/errors.js';
import type { PendingConnections } from './pending-connections.js';
import { refuse } from './refuse.js';
import type { SocketServer } from './server.js';

export interface GateDeps {
  /** False for a request that comes from somebody else's page. */
  originAllowed: (request: IncomingMessage) => boolean;
  /** False for a request that names a host which this server does not answer for. */
  hostAllowed?: (request: IncomingMessage) => boolean;
  pending: PendingConnections;
  /** A handshake was answered with this error. */
  refused?: ((code: ErrorCode) => void) | undefined;
  /** Whether there is a connection of this name. */
  isOpen: (sid: string) => boolean;
}

/** What a request says of the protocol. Said twice, each reader could take the other one for it. */
const words = ['EIO', 'transport', 'sid', 'j'] as const;

/** What is wrong with a request that Engine.IO would take for something, or leave without an answer. */
function problemOf(method: string, query: URLSearchParams, isUpgrade: boolean): string | undefined {
  if (words.some((word) => query.getAll(word).length > 1)) return 'This is said twice';
  // Answers that are scripts can be read by every page.
  if (query.has('j')) return 'Answers are not given as scripts';
  if (query.get('EIO') !== '4') return 'This server speaks version 4 of the Engine.IO protocol';
  const transport = isUpgrade ? 'websocket' : 'polling';
  if (query.get('transport') !== transport) return `The transport of such a request is ${transport}`;
  const methods = query.get('sid') && !isUpgrade ? ['GET', 'POST'] : ['GET'];
  return methods.includes(method) ? undefined : `Only ${methods.join(' and ')} can be used here`;
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
export function createGate(
  io: SocketServer,
  { originAllowed, hostAllowed, pending, refused: onRefused, isOpen }: GateDeps,
): Gate {
  let shut = false;

  function refusalOf(request: IncomingMessage, isUpgrade: boolean): AppError | undefined {
    if (hostAllowed?.(request) === false) return misdirected();
    if (!originAllowed(request)) return new AppError('FORBIDDEN', 'This page may not talk to this server');
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const problem = problemOf(request.method ?? '', searchParams, isUpgrade);
    if (problem !== undefined) return new AppError('INVALID', problem);
    const sid = searchParams.get('sid');
    if (sid) return isOpen(sid) ? undefined : new AppError('INVALID', 'There is no such connection any more');
    if (shut) return stopping();
    return pending.isFull(request)
      ? new AppError('RATE_LIMITED', 'Too many connections from your address wait to sign in')
      : undefined;
  }

  io.engine.use((request: IncomingMessage, response: unknown, next: () => void) => {
    const isUpgrade = !(response instanceof ServerResponse);
    const refused = refusalOf(request, isUpgrade);
    if (refused) {
      onRefused?.(refused.code);
      refuse(request, response, refused);
      return;
    }
    const { origin } = request.headers;
    // An allowed origin that is not ours can use long polling only if the browser lets it read the answers.
    if (origin !== undefined && !isUpgrade) {
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Allow-Credentials', 'true');
      response.setHeader('Vary', 'Origin');
    }
    next();
  });
  return { shut: () => void (shut = true), isShut: () => shut };
}

export const stopping = (): AppError =>
  new AppError('UNAVAILABLE', 'The server is restarting. Please try again in a moment');
