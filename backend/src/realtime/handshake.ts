import { type ErrorCode, protocolVersion, type WireError } from '@sori/contract';
import { AppError, toAppError, toWireError, unauthenticated, unavailable } from '../core/errors.js';
import { cookieOf, guestCookie, sessionCookie, tokenMost } from '../http/session-cookie.js';
import { createPlaces } from '../limits/places.js';
import { onceGone } from './connection.js';
import type { Session, SoriSocket } from './server.js';

export interface HandshakeDeps {
  /** Counts each coming by where it is from, before anybody looks whose it is. @throws AppError RATE_LIMITED */
  countConnect: (socket: SoriSocket) => Promise<void>;
  /** The same by the person. */
  countConnectOf: (userId: string) => Promise<void>;
  /** Sockets of one person at the same time; 0 for as many as like. Default 200. */
  mostSockets?: number;
  /** Who holds this cookie or token; null where it is none of ours, or its session ended. Throws where the database is away. */
  authenticate: (token: string) => Promise<Session | null>;
  /** Whether a client without `auth.protocol` is let in. */
  tutorialClients: boolean;
  /** True while the server stops: nobody new is let in, on an open connection neither. */
  refusal: () => AppError | undefined;
  /** Somebody was not let in for this. */
  refused?: ((code: ErrorCode) => void) | undefined;
  report: (bug: unknown) => void;
}

type Handshake = SoriSocket['handshake'];

/**
 * What the client shows as proof: `auth.token` if it gave one, else the cookies, an account's before a guest's. Anything but a string proves nothing; it
 * does not fall back to the cookie, since whoever sends a token means to be that token's owner. The query is not looked
 * at: a `userId` there is a claim, not a proof.
 */
export function tokensOf({ auth, headers }: Pick<Handshake, 'auth' | 'headers'>): string[] {
  const given: unknown = auth['token'];
  const tokens: unknown[] =
    given === undefined || given === null || given === ''
      ? [cookieOf(headers, sessionCookie), cookieOf(headers, guestCookie)]
      : [given];
  return tokens.filter((token) => typeof token === 'string').filter(({ length }) => length <= tokenMost);
}

/** Whose socket this is by what it shows; null for nobody's. */
export async function sessionOf(
  handshake: Pick<Handshake, 'auth' | 'headers'>,
  authenticate: (token: string) => Promise<Session | null>,
): Promise<Session | null> {
  for (const token of tokensOf(handshake)) {
    const session = await authenticate(token);
    if (session) return session;
  }
  return null;
}

function speaksSori({ auth }: Handshake, tutorialClients: boolean): boolean {
  const protocol: unknown = auth['protocol'];
  if (protocol === protocolVersion) return true;
  if (protocol === undefined && tutorialClients) return false;
  throw new AppError(
    'INVALID',
    protocol === undefined
      ? `This server only lets in clients that say auth.protocol: ${protocolVersion}`
      : `This server speaks protocol ${protocolVersion}`,
  );
}

/** What `connect_error` gives the client: the sentence as its message, the contract's error as its `data`. */
class Refused extends Error {
  readonly data: WireError & { retryAfterMs?: number };
  constructor(error: AppError) {
    super(error.message);
    this.data = {
      ...toWireError(error),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
}

/**
 * Twenty tabs on each of three devices, and once more: where all of them lost the connection, they are back before it is noticed
 * that the old ones are dead. The rest is room.
 */
const usualMostSockets = 200;

/** The middleware that gives a socket its identity (`socket.data`) or refuses it. */
export function createHandshake({
  countConnect,
  countConnectOf,
  mostSockets = usualMostSockets,
  authenticate,
  tutorialClients,
  refusal,
  refused,
  report,
}: HandshakeDeps) {
  const places = createPlaces(mostSockets, 'There are too many connections of yours');

  async function identify(socket: SoriSocket): Promise<void> {
    const closed = refusal();
    if (closed) throw closed;
    const sori = speaksSori(socket.handshake, tutorialClients);
    await countConnect(socket);
    const session = await sessionOf(socket.handshake, authenticate);
    if (!session) throw unauthenticated();
    await countConnectOf(session.userId);
    // It may have gone meanwhile, and would never say so again.
    if (socket.conn.readyState !== 'open') throw unavailable();
    onceGone(socket, places.take(session.userId));
    socket.data = { session, speaksSori: sori };
  }

  return (socket: SoriSocket, next: (error?: Error) => void): void => {
    identify(socket).then(
      () => next(),
      (error: unknown) => {
        const refusedFor = toAppError(error, report);
        refused?.(refusedFor.code);
        next(new Refused(refusedFor));
      },
    );
  };
}
