import type { Logger } from '../logger.js';
import type { Clock } from '../realtime/clock.js';
import { createRedisConnection } from './redis-connection.js';

export type { RedisClient } from './redis-connection.js';

export interface RedisDeps {
  url: string;
  /** What all keys and channels of this database begin with: `sori:<epoch>:`. */
  prefix: string;
  log: Pick<Logger, 'info' | 'warn'>;
  clock: Pick<Clock, 'after'>;
}

export type Redis = ReturnType<typeof createRedis>;

/**
 * Redis, over two connections: one asks and publishes, one listens. While one of them is away `isUp` is false and the server
 * goes on with what it knows by itself; each change is logged once.
 */
export function createRedis({ url, prefix, log, clock }: RedisDeps) {
  const cameUp: (() => void)[] = [];
  let said: boolean | undefined;

  const isUp = (): boolean => asking.isUp() && listening.isUp();

  function changed(isNowUp: boolean): void {
    // The first of the two to come is not both of them.
    const isBoth = isNowUp && isUp();
    if (said === isBoth || (isNowUp && !isBoth)) return;
    said = isBoth;
    if (isBoth) log.info('Redis is there');
    else log.warn('Redis is away: this server goes on without what others publish');
    if (isBoth) for (const callback of cameUp) callback();
  }

  const asking = createRedisConnection(url, clock, changed);
  const listening = createRedisConnection(url, clock, changed);

  return {
    prefix,
    client: asking.client,
    /** Subscribes, and does nothing else. */
    listener: listening.client,
    isUp,
    /** Called each time that it is there again: what was said meanwhile was not heard. */
    onUp: (callback: () => void): void => void cameUp.push(callback),
    close(): void {
      asking.close();
      listening.close();
    },
  };
}
