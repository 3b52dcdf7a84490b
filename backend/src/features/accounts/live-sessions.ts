import { LRUCache } from 'lru-cache';
import type { SessionRow } from './session.model.js';

/** Half of the second within which a log-out on another server must be felt here. */
const trustedForMs = 500;
const remembered = 10_000;

/** Which sessions live, asked of the database at most twice a second each. */
export interface LiveSessions {
  /** Null where it ended or expired. Throws what the database throws: being away is not being signed out. */
  get(sessionId: string): Promise<SessionRow | null>;
  /** It ended here: from now on, whatever a read that is on its way will say. */
  end(sessionId: string): void;
}

export function createLiveSessions(
  read: (sessionId: string) => Promise<SessionRow | null>,
  now: () => number = Date.now,
): LiveSessions {
  const known = new LRUCache<string, { session: SessionRow; readAtMs: number }>({ max: remembered });
  const reading = new Map<string, Promise<SessionRow | null>>();
  // Sessions do not come back to life; remembering the latest ones is enough to outlast any read.
  const ended = new LRUCache<string, true>({ max: remembered });

  async function ask(sessionId: string): Promise<SessionRow | null> {
    const readAtMs = now();
    const session = await read(sessionId);
    if (session === null || ended.has(sessionId)) return null;
    known.set(sessionId, { session, readAtMs });
    return session;
  }

  return {
    async get(sessionId) {
      if (ended.has(sessionId)) return null;
      const hit = known.get(sessionId);
      const ageMs = hit ? now() - hit.readAtMs : Infinity;
      // Below zero the clock was set back, and the age means nothing.
      if (hit && ageMs >= 0 && ageMs < trustedForMs) {
        return hit.session.expiresAt.getTime() > now() ? hit.session : null;
      }
      const underWay = reading.get(sessionId);
      if (underWay) return underWay;
      const asked = ask(sessionId).finally(() => reading.delete(sessionId));
      reading.set(sessionId, asked);
      return asked;
    },
    end(sessionId) {
      ended.set(sessionId, true);
      known.delete(sessionId);
    },
  };
}
