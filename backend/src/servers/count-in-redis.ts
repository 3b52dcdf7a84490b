import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { CountIn, Window } from '../limits/limit.js';
import type { Clock } from '../realtime/clock.js';
import type { Redis } from './redis.js';

export interface CountInRedisDeps {
  redis: Pick<Redis, 'client' | 'prefix' | 'isUp'>;
  clock: Pick<Clock, 'elapsed' | 'after'>;
}

/** Who has used less than this part of a window, as far as is known, is not kept waiting. */
const carefree = 1 / 2;
/** But what Redis was not told of yet may be no more than this part of it. */
const untold = 1 / 8;
/** What Redis said is known for so long, in milliseconds: then others may have counted as well. */
const freshForMs = 250;
/** What nobody waits for is counted together, this many milliseconds behind it. */
const countAfterMs = 100;
/** So long Redis may take, in milliseconds; then the count of this server alone decides. */
const patienceMs = 500;
const remembered = 50_000;

/** What is counted for one connection is counted where that connection is. */
const ofConnections: ReadonlySet<string> = new Set(['events']);

/** What is known of somebody who does something just now. */
interface Known {
  /** All that was counted in the window, as Redis last said. */
  count: number;
  saidAt: number;
  endsAt: number;
  /** What was done since and is still to be counted. */
  pending: number;
  /** What is being counted just now. */
  underWay: number;
}

/**
 * Counts for all servers together: whoever goes through three of them has one budget. Far from the limit nobody waits for
 * Redis: what they do is counted there a moment later. While Redis is away each server goes on with a count of its own, which it
 * keeps in any case.
 */
export const createCountInRedis =
  (deps: CountInRedisDeps): CountIn =>
  (window) =>
    ofConnections.has(window.name) ? inMemory(window) : inBoth(window, deps);

const inMemory = ({ name, most, windowSeconds }: Window): RateLimiterMemory =>
  new RateLimiterMemory({ keyPrefix: name, points: most, duration: windowSeconds });

function inBoth(window: Window, { redis, clock }: CountInRedisDeps) {
  const { name, most, windowSeconds } = window;
  const alone = inMemory(window);
  const shared = new RateLimiterRedis({
    storeClient: redis.client,
    useRedisPackage: true,
    keyPrefix: `${redis.prefix}limit:${name}`,
    points: most,
    duration: windowSeconds,
  });
  const known = new LRUCache<string, Known>({ max: remembered });
  const toCount = new Set<string>();

  function entryOf(key: string): Known {
    let one = known.get(key);
    if (!one) {
      one = { count: 0, saidAt: -Infinity, endsAt: -Infinity, pending: 0, underWay: 0 };
      known.set(key, one);
    }
    return one;
  }

  function learn(one: Known, { consumedPoints, msBeforeNext }: RateLimiterRes): void {
    one.count = consumedPoints;
    one.saidAt = clock.elapsed();
    one.endsAt = one.saidAt + msBeforeNext;
  }

  /** @throws RateLimiterRes where it is too much, an error where Redis does not say */
  async function countShared(key: string, one: Known, cost: number): Promise<RateLimiterRes> {
    one.underWay += cost;
    try {
      const said = await inTime(shared.consume(key, cost));
      learn(one, said);
      return said;
    } catch (reason) {
      if (reason instanceof RateLimiterRes) learn(one, reason);
      // What was known of it says nothing any more.
      else one.saidAt = -Infinity;
      throw reason;
    } finally {
      one.underWay -= cost;
    }
  }

  function countPending(): void {
    for (const key of toCount) {
      const one = known.get(key);
      if (!one || one.pending === 0) continue;
      const cost = one.pending;
      one.pending = 0;
      // It was let pass; that it was too much is learnt for what comes next.
      countShared(key, one, cost).catch(() => undefined);
    }
    toCount.clear();
  }

  function isCarefree(one: Known, cost: number): boolean {
    const now = clock.elapsed();
    if (now - one.saidAt > freshForMs || now >= one.endsAt) return false;
    const since = one.pending + one.underWay + cost;
    return one.count + since <= most * carefree && since <= most * untold;
  }

  async function consume(key: string, cost = 1): Promise<RateLimiterRes> {
    const here = alone.consume(key, cost);
    if (!redis.isUp()) return here;
    const outcome = here.catch((reason: unknown) => {
      if (reason instanceof RateLimiterRes) return reason;
      throw reason;
    });
    const one = entryOf(key);
    if (isCarefree(one, cost)) {
      one.pending += cost;
      if (toCount.size === 0) clock.after(countAfterMs, countPending);
      toCount.add(key);
      return outcome;
    }
    const all = one.pending + cost;
    one.pending = 0;
    try {
      return await countShared(key, one, all);
    } catch (reason) {
      if (reason instanceof RateLimiterRes) throw reason;
      return await here;
    } finally {
      await outcome;
    }
  }

  return {
    consume,
    async reward(key: string, cost = 1): Promise<RateLimiterRes> {
      const here = await alone.reward(key, cost);
      if (!redis.isUp()) return here;
      return inTime(shared.reward(key, cost)).catch(() => here);
    },
    async delete(key: string): Promise<boolean> {
      known.delete(key);
      const here = await alone.delete(key);
      if (!redis.isUp()) return here;
      return inTime(shared.delete(key)).catch(() => here);
    },
  };
}

/** @throws Error where it takes longer than Redis may */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = (): void => reject(new Error('Redis did not answer in time'));
    // Where it was this process that had no time, the answer is there already and is read first.
    timer = setTimeout(() => setImmediate(() => setImmediate(giveUp)), patienceMs);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
