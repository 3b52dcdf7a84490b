import { LRUCache } from 'lru-cache';
import type { EntryRow } from './entries.model.js';
import { advanced, type Head } from './head.js';

/** A head may be written behind for this long after this process last wrote it. */
export const writtenBehindMs = 60_000;

export type KnownHeads = ReturnType<typeof createKnownHeads>;

/** What this process knows of heads: which are stored, and which are not known to be stored yet. */
export function createKnownHeads(now: () => number) {
  /** What is stored, as this process last wrote it or saw it. */
  const written = new LRUCache<string, Head>({ max: 50_000 });
  /** What is not known to be stored yet. */
  const dirty = new Map<string, Head>();
  /** The latest time of any head that is stored or about to be, as far as is known here. Clocks are set back, this is not. */
  let latestMs = 0;

  /** What another server appended behind what is known here. It stores that head; this one only goes on from it. */
  const ofOthers = new LRUCache<string, Head>({ max: 50_000 });

  function known(id: string): Head | undefined {
    const own = dirty.get(id) ?? written.get(id);
    const other = ofOthers.get(id);
    return other && other.seq > (own?.seq ?? 0) ? other : own;
  }

  return {
    known,
    isDirty: (id: string): boolean => dirty.has(id),
    /** Those that are to be stored, as they are now. */
    dirty: (): [id: string, head: Head][] => [...dirty],
    anyDirty: (): boolean => dirty.size > 0,
    dirtyCount: (): number => dirty.size,
    stored: (id: string): Head | undefined => written.get(id),

    willStore: (id: string, head: Head): void => void dirty.set(id, head),

    /**
     * Another server appended this plain message. Where it is the next one, what is known goes on with it; where it is not,
     * or changes more than the head, the log says what is missing when it is needed.
     */
    learn(id: string, message: EntryRow): void {
      const before = known(id);
      if (before?.seq === message.seq - 1) ofOthers.set(id, advanced(before, [message]));
    },

    /** A head that is known to be stored makes every lower one worthless: written late, it would take the stored one back. */
    isStored(id: string, head: Head): void {
      if ((written.get(id)?.seq ?? 0) < head.seq) written.set(id, head);
      const waiting = dirty.get(id);
      if (waiting && waiting.seq <= head.seq) dirty.delete(id);
    },

    /** There is no such conversation any more: nobody waits for its head. */
    vanished(id: string): void {
      written.delete(id);
      dirty.delete(id);
      ofOthers.delete(id);
    },

    /** A head of this time is stored, or about to be. */
    isAsLateAs: (ms: number): void => void (latestMs = Math.max(latestMs, ms)),

    /** True where this process wrote the head lately, and knows all that lies below `firstSeq`. */
    isWarm(id: string, firstSeq: number): boolean {
      const head = written.get(id);
      return (
        head !== undefined &&
        Math.max(now(), latestMs) - head.at.getTime() < writtenBehindMs &&
        known(id)?.seq === firstSeq - 1
      );
    },

    forget(): void {
      written.clear();
      dirty.clear();
      ofOthers.clear();
      latestMs = 0;
    },
  };
}
