import type { SessionEnd } from '@sori/contract';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Caller } from '../../core/caller.js';
import type { Store } from '../../database/connect.js';
import type { Emitter } from '../../realtime/emitter.js';
import { createLiveSessions } from './live-sessions.js';
import { sessionsOn } from './session.model.js';
import { createTokens } from './tokens.js';

export interface SessionsDeps {
  store: Pick<Store, 'connection'>;
  jwtSecret: string;
  ttlSeconds: number;
  emit: Pick<Emitter, 'endSession'>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** A caller, and until when they are one. */
export interface LiveSession extends Caller {
  expiresAt: Date;
}

export type Sessions = ReturnType<typeof createSessions>;

/** In one question. */
const checkedAtOnce = 500;
/** More devices than anybody has. The next log-in ends the oldest. */
const perPerson = 50;

/** Who is signed in, where, and until when. */
export function createSessions({ store, jwtSecret, ttlSeconds, emit, now }: SessionsDeps) {
  const rows = sessionsOn(store);
  const tokens = createTokens(jwtSecret, now);
  const live = createLiveSessions((ids) => rows.live(ids, new Date(now())), now);
  // Of two log-ins at once, neither is to end what the other has just begun.
  const inOrder = createSerializeByKey();

  /** It is out of the database: here it ends at once, its sockets included. */
  function ended(sessionId: string, reason: SessionEnd['reason']): void {
    live.end(sessionId);
    emit.endSession(sessionId, reason);
  }

  return {
    /** Begins a session, and ends the oldest of this person's beyond the 50th. */
    open: (userId: string): Promise<{ sessionId: string; token: string }> =>
      inOrder(userId, async () => {
        const expiresAt = new Date(now() + ttlSeconds * 1_000);
        const { _id: sessionId } = await rows.insert({ userId, now: new Date(now()), expiresAt });
        for (const id of await rows.removeOldest(userId, sessionId, perPerson)) ended(id, 'logout');
        return { sessionId, token: tokens.sign({ userId, sessionId, expiresAtMs: expiresAt.getTime() }) };
      }),

    async end(sessionId: string, reason: SessionEnd['reason']): Promise<void> {
      await rows.remove(sessionId);
      ended(sessionId, reason);
    },

    async endAllOf(userId: string, reason: SessionEnd['reason']): Promise<void> {
      for (const sessionId of await rows.removeAllOf(userId)) ended(sessionId, reason);
    },

    /** The session that a token names, whether it lives or not; null for what is no token of ours. */
    named: (token: string): string | null => tokens.read(token)?.sessionId ?? null,

    /**
     * Who has this token, or null. Sees a log-out on this server at once, one on another within half a second.
     * Throws while the database is away and nothing recent is known: that is a 503, and never "signed out".
     */
    async authenticate(token: string): Promise<LiveSession | null> {
      const claims = tokens.read(token);
      if (claims === null) return null;
      const session = await live.get(claims.sessionId);
      if (session === null || session.userId !== claims.userId) return null;
      return { userId: claims.userId, sessionId: claims.sessionId, expiresAt: session.expiresAt };
    },

    /** When the session runs out by itself; null where it ended already. */
    async endsAt(sessionId: string): Promise<Date | null> {
      return (await live.get(sessionId))?.expiresAt ?? null;
    },

    /** It ended on another server, and its sockets here with it. */
    endedElsewhere: (sessionId: string): void => live.end(sessionId),

    /** Ends those of these here that another server ended. */
    async endMissing(
      those: readonly { sessionId: string; userId: string }[],
      reasonFor: (userIds: readonly string[]) => Promise<(userId: string) => SessionEnd['reason']>,
    ): Promise<void> {
      for (let start = 0; start < those.length; start += checkedAtOnce) {
        const some = those.slice(start, start + checkedAtOnce);
        const found = await rows.live(
          some.map(({ sessionId }) => sessionId),
          new Date(now()),
        );
        const living = new Set(found.map(({ _id }) => _id));
        const gone = some.filter(({ sessionId }) => !living.has(sessionId));
        if (gone.length === 0) continue;
        const reasonOf = await reasonFor(gone.map(({ userId }) => userId));
        for (const { sessionId, userId } of gone) ended(sessionId, reasonOf(userId));
      }
    },

    async removeExpired(): Promise<void> {
      await rows.removeExpired(new Date(now()));
    },
  };
}
