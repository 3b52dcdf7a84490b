import { AppError } from '../core/errors.js';
import type { Limit } from './limit.js';

/** Most attempts that may wait for the outcome of others. */
const waitingMax = 500;

/** Lets something be tried that may fail only so often. */
export interface Attempts {
  /**
   * Runs `attempt` and counts it where it answers false; one that throws taught nobody anything and does not count.
   * It holds its places from before it begins, so that many at once get no further than one after the other; where all
   * that is left is held by others, it waits for what becomes of them.
   * @param keys one for each limit, in the same order
   * @throws AppError "RATE_LIMITED" where the failures are used up, "BUSY" where too many wait.
   */
  run(keys: readonly string[], attempt: () => Promise<boolean>): Promise<boolean>;
}

const isLimited = (error: unknown): boolean => error instanceof AppError && error.code === 'RATE_LIMITED';

export function createAttempts(limits: readonly Limit[]): Attempts {
  const places = limits.map(createPlaces);
  let waiting = 0;

  /** Takes a place at each limit. @returns undefined, or what to wait for before trying again */
  async function takeAll(keys: readonly string[]): Promise<{ settled: Promise<void> } | undefined> {
    for (const [index, place] of places.entries()) {
      try {
        await place.take(keys[index] ?? '');
      } catch (error) {
        const settled = isLimited(error) ? place.nextSettled(keys[index] ?? '') : undefined;
        await giveBackAll(keys, places.slice(0, index));
        if (settled === undefined) throw error;
        return { settled };
      }
    }
    return undefined;
  }

  async function giveBackAll(keys: readonly string[], taken = places): Promise<void> {
    for (const [index, place] of taken.entries()) await place.giveBack(keys[index] ?? '');
  }

  return {
    async run(keys, attempt) {
      for (;;) {
        const taken = await takeAll(keys);
        if (taken === undefined) break;
        if (waiting >= waitingMax) throw new AppError('BUSY', 'Too many are signing in. Please try again');
        waiting += 1;
        await taken.settled;
        waiting -= 1;
      }
      let succeeded: boolean;
      try {
        succeeded = await attempt();
      } catch (error) {
        await giveBackAll(keys);
        throw error;
      }
      if (succeeded) await giveBackAll(keys);
      else places.forEach((place, index) => place.keep(keys[index] ?? ''));
      return succeeded;
    },
  };
}

/** A limit, and who holds a place at it without a known outcome. */
function createPlaces(limit: Limit) {
  const held = new Map<string, { count: number; waiters: (() => void)[] }>();

  const leave = (key: string): void => {
    const place = held.get(key);
    if (place === undefined) return;
    place.count -= 1;
    if (place.count === 0) held.delete(key);
    for (const wake of place.waiters.splice(0)) wake();
  };

  return {
    async take(key: string): Promise<void> {
      // Held before it is counted: whoever is refused because of us must see that we are there.
      const place = held.get(key) ?? { count: 0, waiters: [] };
      held.set(key, place);
      place.count += 1;
      try {
        await limit.take(key);
      } catch (error) {
        // A refused one was counted as well, but it was no failure.
        if (isLimited(error)) await limit.giveBack(key);
        leave(key);
        throw error;
      }
    },
    /** The moment at which a place here may have become free; undefined where nobody holds one. */
    nextSettled(key: string): Promise<void> | undefined {
      const place = held.get(key);
      return place && new Promise((resolve) => void place.waiters.push(resolve));
    },
    async giveBack(key: string): Promise<void> {
      await limit.giveBack(key);
      leave(key);
    },
    keep: leave,
  };
}
