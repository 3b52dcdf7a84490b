import { LRUCache } from 'lru-cache';
import type { SessionRow } from './session.model.js';

/** Half of the second within which a log-out on another server must be felt here. */
const trustedForMs = 500;
/** What was read this long ago and used since is read along with another one: it would be asked for soon anyway. */
const readAlongMs = 250;
const readAtOnce = 500;
const remembered = 10_000;

/** Which sessions live, asked of the database at most four times a second each, and of all that are in use together. */
export interface LiveSessions {
  /** Null where it ended or expired. Throws what the database throws: being away is not being signed out. */
  get(sessionId: string): Promise<SessionRow | null>;
  /** It ended here: from now on, whatever a read that is on its way will say. */
  end(sessionId: string): void;
}

/**
 * Not lru-cache's `fetch`: it reads one key at a time and counts from when the answer came, not from when it was asked for.
 * @param read gives those of these sessions that live
 */
export function createLiveSessions(
  read: (sessionIds: readonly string[]) => Promise<readonly SessionRow[]>,
  now: () => number = Date.now,
): LiveSessions {
  const known = new LRUCache<string, { session: SessionRow; readAtMs: number }>({ max: remembered });
  const reading = new Map<string, Promise<SessionRow | null>>();
  /** Asked for since they were last read. Everybody who writes would otherwise cost a read of their own twice a second. */
  const used = new Set<string>();
  // Sessions do not come back to life; remembering the latest ones is enough to outlast any read.
  const ended = new LRUCache<string, true>({ max: remembered });

  /** This one, and those in use that will be due soon. */
  function due(sessionId: string): string[] {
    const ids = [sessionId];
    for (const id of used) {
      if (ids.length >= readAtOnce) break;
      const hit = known.peek(id);
      if (!hit) used.delete(id);
      else if (id !== sessionId && !reading.has(id) && now() - hit.readAtMs >= readAlongMs) ids.push(id);
    }
    return ids;
  }

  function ask(sessionId: string): Promise<SessionRow | null> {
    const ids = due(sessionId);
    const readAtMs = now();
    const asked = read(ids).then((rows) => {
      const living = new Map(rows.map((row) => [row._id, row]));
      for (const id of ids) {
        const session = ended.has(id) ? undefined : living.get(id);
        if (session) known.set(id, { session, readAtMs });
        else known.delete(id);
      }
      return living;
    });
    for (const id of ids) {
      used.delete(id);
      const one = asked
        .then((living) => (ended.has(id) ? null : (living.get(id) ?? null)))
        .finally(() => reading.delete(id));
      // Nobody may be waiting for one that was read along; whoever asks for it next asks the database themselves.
      one.catch(() => undefined);
      reading.set(id, one);
    }
    return reading.get(sessionId) ?? Promise.resolve(null);
  }

  return {
    async get(sessionId) {
      if (ended.has(sessionId)) return null;
      const hit = known.get(sessionId);
      const ageMs = hit ? now() - hit.readAtMs : Infinity;
      // Below zero the clock was set back, and the age means nothing.
      if (hit && ageMs >= 0 && ageMs < trustedForMs) {
        used.add(sessionId);
        return hit.session.expiresAt.getTime() > now() ? hit.session : null;
      }
      return reading.get(sessionId) ?? ask(sessionId);
    },
    end(sessionId) {
      ended.set(sessionId, true);
      known.delete(sessionId);
      used.delete(sessionId);
    },
  };
}
