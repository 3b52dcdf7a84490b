import { createClient } from 'redis';
import type { Logger } from '../logger.js';
import type { Clock } from '../realtime/clock.js';

export interface RedisDeps {
  url: string;
  /** What all keys and channels of this database begin with: `sori:<epoch>:`. */
  prefix: string;
  log: Pick<Logger, 'info' | 'warn'>;
  clock: Pick<Clock, 'after'>;
}

/** It is asked this often whether it answers, in milliseconds. */
const askEveryMs = 500;
/** One that has not answered for so long is away, in milliseconds: a stopped process keeps its connections open. */
const patienceMs = 1_000;
const longestPauseMs = 2_000;
/** What waits to be answered. Beyond that it is refused at once, as if it were away. */
const mostWaiting = 20_000;

export type Redis = ReturnType<typeof createRedis>;
export type RedisClient = ReturnType<typeof connectionTo>;

const connectionTo = (url: string) =>
  createClient({
    url,
    // What cannot be said now is not said later: it would be stale.
    disableOfflineQueue: true,
    commandsQueueMaxLength: mostWaiting,
    socket: {
      connectTimeout: patienceMs,
      reconnectStrategy: (retries) =>
        Math.min(100 * 2 ** retries, longestPauseMs) * (0.75 + Math.random() / 2),
    },
  });

/**
 * The connection to Redis. Nothing here throws or waits for it: while it is away `isUp` is false and the server goes on with
 * what it knows by itself. It comes back by itself, and each change is logged once.
 */
export function createRedis({ url, prefix, log, clock }: RedisDeps) {
  const client = connectionTo(url);
  const cameUp: (() => void)[] = [];
  let up = false;
  let closed = false;
  let cancel = (): void => undefined;
  /** When it last was heard of, by a clock that nobody sets. */
  let answeredAt = performance.now();
  // The first failure is worth a word too, although it was never there.
  let said: boolean | undefined;

  function become(isUp: boolean): void {
    up = isUp;
    if (said === isUp || closed) return;
    said = isUp;
    if (isUp) log.info('Redis is there');
    else log.warn('Redis is away: each server counts limits for itself');
    if (isUp) for (const callback of cameUp) callback();
  }

  function connect(): void {
    answeredAt = performance.now();
    client.connect().catch(() => undefined);
  }

  async function ask(): Promise<void> {
    await client.ping();
    answeredAt = performance.now();
    if (client.isReady) become(true);
  }

  function watch(): void {
    cancel = clock.after(askEveryMs, watch);
    if (client.isReady) ask().catch(() => undefined);
    if (performance.now() - answeredAt < patienceMs) return;
    become(false);
    // Its connection may be open and nobody at the other end: only a new one shows.
    client.destroy();
    connect();
  }

  client.on('error', () => become(false));
  client.on('ready', () => {
    answeredAt = performance.now();
    become(true);
  });
  connect();
  cancel = clock.after(askEveryMs, watch);

  return {
    prefix,
    client,
    isUp: (): boolean => up && client.isReady,
    /** Called each time that it is there again: what was said meanwhile was not heard. */
    onUp: (callback: () => void): void => void cameUp.push(callback),
    close(): void {
      closed = true;
      up = false;
      cancel();
      client.destroy();
    },
  };
}
