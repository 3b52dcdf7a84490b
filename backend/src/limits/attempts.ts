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
  const places = limits.map((limit) => ({ limit, holders: createHolders() }));
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();

  /** One after the other: whether somebody holds a place must not change between counting and looking. */
  function inTurn<Result>(step: () => Promise<Result>): Promise<Result> {
    const result = turn.then(step);
    turn = result.catch(() => undefined);
    return result;
  }

  /** Takes a place at every limit or at none. @returns undefined, or what to wait for before trying again */
  async function enter(keys: readonly string[]): Promise<{ someoneLeft: Promise<void> } | undefined> {
    for (const [index, { limit, holders }] of places.entries()) {
      const key = keys[index] ?? '';
      // Asked before, because whoever is in our way may be gone by the time at which the refusal is here.
      const someoneLeft = holders.someoneLeaves(key);
      try {
        await limit.take(key);
      } catch (error) {
        // A refused one was counted as well, but it was no failure.
        await giveBack(keys, isLimited(error) ? index + 1 : index);
        if (someoneLeft === undefined || !isLimited(error)) throw error;
        return { someoneLeft };
      }
    }
    places.forEach(({ holders }, index) => holders.enter(keys[index] ?? ''));
    return undefined;
  }

  async function giveBack(keys: readonly string[], first = places.length): Promise<void> {
    for (const [index, { limit }] of places.slice(0, first).entries())
      await limit.giveBack(keys[index] ?? '');
  }

  async function attemptOnce(keys: readonly string[], attempt: () => Promise<boolean>): Promise<boolean> {
    let counts = false;
    try {
      const succeeded = await attempt();
      counts = !succeeded;
      return succeeded;
    } finally {
      try {
        if (!counts) await giveBack(keys);
      } finally {
        places.forEach(({ holders }, index) => holders.leave(keys[index] ?? ''));
      }
    }
  }

  return {
    async run(keys, attempt) {
      for (;;) {
        const full = await inTurn(() => enter(keys));
        if (full === undefined) return attemptOnce(keys, attempt);
        if (waiting >= waitingMax) throw new AppError('BUSY', 'Too many are signing in. Please try again');
        waiting += 1;
        await full.someoneLeft;
        waiting -= 1;
      }
    },
  };
}

/** Who holds a place at a limit while the outcome is not known, per key. */
function createHolders() {
  const held = new Map<string, { count: number; waiters: (() => void)[] }>();
  return {
    enter(key: string): void {
      const here = held.get(key) ?? { count: 0, waiters: [] };
      here.count += 1;
      held.set(key, here);
    },
    leave(key: string): void {
      const here = held.get(key);
      if (here === undefined) return;
      here.count -= 1;
      if (here.count === 0) held.delete(key);
      for (const wake of here.waiters.splice(0)) wake();
    },
    /** The moment at which a place may have become free; undefined where nobody holds one. */
    someoneLeaves(key: string): Promise<void> | undefined {
      const here = held.get(key);
      return here && new Promise((resolve) => void here.waiters.push(resolve));
    },
  };
}
