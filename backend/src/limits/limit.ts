import { RateLimiterMemory, type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../core/errors.js';

export interface Window {
  /** Names the limit within its store. */
  name: string;
  /** How often something may happen within the window; 0 switches the limit off. */
  most: number;
  windowSeconds: number;
  /** What costs more than all that a window has room for costs just that, and is not refused for ever. */
  capped?: boolean;
}

/** Where the counting is done. In memory by default; a store that several servers share has the same shape. */
export type CountIn = (window: Window) => Pick<RateLimiterAbstract, 'consume' | 'reward' | 'delete'>;

export const countInMemory: CountIn = ({ name, most, windowSeconds }) =>
  new RateLimiterMemory({ keyPrefix: name, points: most, duration: windowSeconds });

/** A limit on how often something may happen per key, in windows that begin with the first time. */
export interface Limit {
  /** Counts one, or what it costs: a whole number. @throws AppError "RATE_LIMITED" with the milliseconds until the window is over. */
  take: (key: string, cost?: number) => Promise<void>;
  /** Takes one back that did not count after all, or what it cost. */
  giveBack: (key: string, cost?: number) => Promise<void>;
  /** Forgets a key that will not come back, so that it costs no memory until its window is over. */
  forget: (key: string) => Promise<void>;
}

export const tooOften = (msToWait: number): AppError =>
  new AppError('RATE_LIMITED', 'That was too often. Please wait a moment', {
    retryAfterMs: Math.max(1, Math.ceil(msToWait)),
  });

const nothing = (): Promise<void> => Promise.resolve();
const off: Limit = { take: nothing, giveBack: nothing, forget: nothing };

export function createLimit(window: Window, countIn: CountIn = countInMemory): Limit {
  if (window.most === 0) return off;
  const counter = countIn(window);
  return {
    async take(key, cost = 1) {
      try {
        await counter.consume(key, window.capped ? Math.min(cost, window.most) : cost);
      } catch (reason) {
        // What is thrown when the limit is reached is a count and no error; an error is the store's.
        if (!(reason instanceof RateLimiterRes)) throw reason;
        throw tooOften(reason.msBeforeNext);
      }
    },
    async giveBack(key, cost = 1) {
      await counter.reward(key, cost);
    },
    async forget(key) {
      await counter.delete(key);
    },
  };
}
