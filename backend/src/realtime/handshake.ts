import { protocolVersion, type WireError } from '@sori/contract';
import type { Caller } from '../core/caller.js';
import { AppError, toAppError, toWireError, unauthenticated } from '../core/errors.js';
import type { Connection } from './connection.js';
import type { SoriSocket } from './server.js';

/** A caller, and until when they are one. */
export interface Session extends Caller {
  expiresAt: Date;
}

export interface HandshakeDeps {
  /** Who holds this cookie or token; null where it is none of ours, or its session ended. Throws where the database is away. */
  authenticate: (token: string) => Promise<Session | null>;
  /** Whether a client without `auth.protocol` is let in. */
  tutorialClients: boolean;
  /** True while the server stops: nobody new is let in, on an open connection neither. */
  refusal: () => AppError | undefined;
  report: (bug: unknown) => void;
}

type Handshake = SoriSocket['handshake'];

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [key, ...value] = pair.split('=');
    if (key?.trim() !== name) continue;
    return value
      .join('=')
      .trim()
      .replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}

/**
 * What the client shows as proof: `auth.token` if it gave one, else the cookie. Anything but a string proves nothing; it
 * does not fall back to the cookie, since whoever sends a token means to be that token's owner. The query is not looked
 * at: a `userId` there is a claim, not a proof.
 */
export function tokenOf({ auth, headers }: Pick<Handshake, 'auth' | 'headers'>): string | undefined {
  const given: unknown = auth['token'];
  if (given === undefined || given === null || given === '') return cookieOf(headers.cookie, 'jwt');
  return typeof given === 'string' ? given : undefined;
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

/** The middleware that gives a socket its identity (`socket.data`) or refuses it. */
export function createHandshake({ authenticate, tutorialClients, refusal, report }: HandshakeDeps) {
  // Socket.IO would start another handshake for each CONNECT that comes in while the first is being looked at, and
  // make a socket of each: one connection could be a thousand members of the same rooms.
  const atTheDoor = new WeakSet<Connection>();

  async function identify(socket: SoriSocket): Promise<void> {
    if (atTheDoor.has(socket.conn)) throw new AppError('INVALID', 'One CONNECT at a time');
    atTheDoor.add(socket.conn);
    try {
      const refused = refusal();
      if (refused) throw refused;
      const sori = speaksSori(socket.handshake, tutorialClients);
      const token = tokenOf(socket.handshake);
      const session = token === undefined ? null : await authenticate(token);
      if (!session) throw unauthenticated();
      socket.data = { session, speaksSori: sori };
    } finally {
      atTheDoor.delete(socket.conn);
    }
  }

  return (socket: SoriSocket, next: (error?: Error) => void): void => {
    identify(socket).then(
      () => next(),
      (error: unknown) => next(new Refused(toAppError(error, report))),
    );
  };
}
