import { LRUCache } from 'lru-cache';
import { tooOften } from './limit.js';

export interface PairWindow {
  /** How often within the window; 0 switches the limit off. */
  most: number;
  windowSeconds: number;
  /** Milliseconds, by a clock that nobody sets. */
  elapsed?: () => number;
}

/** A limit on how often one does something to the same other one. */
export interface PairLimit {
  /** Counts one for each of these, or none for any. @throws AppError "RATE_LIMITED" */
  take: (one: string, others: readonly string[]) => void;
  /** Takes back what did not count after all. */
  giveBack: (one: string, others: readonly string[]) => void;
}

/** There are as many pairs as people times people: those that were longest not counted are forgotten first. */
const remembered = 100_000;

export function createPairLimit({
  most,
  windowSeconds,
  elapsed = () => performance.now(),
}: PairWindow): PairLimit {
  if (most === 0) return { take: () => undefined, giveBack: () => undefined };
  const pairs = new LRUCache<string, { count: number; endsAt: number }>({ max: remembered });
  const find = (key: string) => {
    const pair = pairs.get(key);
    return pair && pair.endsAt > elapsed() ? pair : undefined;
  };
  return {
    take(one, others) {
      const keys = others.map((other) => `${one} ${other}`);
      for (const key of keys) {
        const pair = find(key);
        if (pair && pair.count >= most) throw tooOften(pair.endsAt - elapsed());
      }
      for (const key of keys) {
        const pair = find(key);
        if (pair) pair.count += 1;
        else pairs.set(key, { count: 1, endsAt: elapsed() + windowSeconds * 1_000 });
      }
    },
    giveBack(one, others) {
      for (const other of others) {
        const pair = find(`${one} ${other}`);
        if (pair) pair.count -= 1;
      }
    },
  };
}
