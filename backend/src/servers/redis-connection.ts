import { createClient } from 'redis';
import type { Clock } from '../realtime/clock.js';

/** It is asked this often whether it answers, in milliseconds. */
const askEveryMs = 500;
/** One that has not answered for so long is away, in milliseconds: a stopped process keeps its connections open. */
const patienceMs = 1_000;
const longestPauseMs = 2_000;
/** What waits to be answered. Beyond that it is refused at once, as if it were away. */
const mostWaiting = 20_000;

export type RedisClient = ReturnType<typeof connectionTo>;
export type RedisConnection = ReturnType<typeof createRedisConnection>;

const connectionTo = (url: string) =>
  createClient({
    url,
    // With it a connection that is subscribed may be asked whether it is still there.
    RESP: 3,
    // What cannot be said now is not said later: it would be stale.
    disableOfflineQueue: true,
    commandsQueueMaxLength: mostWaiting,
    // Whether it answers is watched below; the library's timer for each command costs twice what the command does.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: patienceMs,
      reconnectStrategy: (retries) =>
        Math.min(100 * 2 ** retries, longestPauseMs) * (0.75 + Math.random() / 2),
    },
  });

/**
 * One connection to Redis. Nothing here throws or waits for it: while it is away `isUp` is false. It comes back by itself.
 * @param changed called with each change, and with the first failure although it was never there
 */
export function createRedisConnection(
  url: string,
  clock: Pick<Clock, 'after'>,
  changed: (isUp: boolean) => void,
) {
  const client = connectionTo(url);
  let up = false;
  let closed = false;
  let cancel = (): void => undefined;
  /** When it last was heard of, by a clock that nobody sets. */
  let answeredAt = performance.now();
  let said: boolean | undefined;

  function become(isUp: boolean): void {
    if (closed) return;
    up = isUp;
    if (said === isUp) return;
    said = isUp;
    changed(isUp);
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
    client,
    isUp: (): boolean => up && client.isReady,
    close(): void {
      closed = true;
      up = false;
      cancel();
      client.destroy();
    },
  };
}
