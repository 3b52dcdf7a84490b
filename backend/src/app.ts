import type { Server } from 'node:http';
import { closeAll } from './app/closing.js';
import { openDoors } from './app/doors.js';
import type { Base } from './app/base.js';
import { measure } from './app/gauges.js';
import { createRelay } from './app/relay.js';
import { createServices } from './app/services.js';
import { subscribeAll } from './app/subscribers.js';
import { createTransport } from './app/transport.js';
import type { Config } from './config.js';
import { createStoredEntries } from './conversation-log/stored-entries.js';
import type { Store } from './database/connect.js';
import type { Database } from './database/embedded/launch.js';
import type { Passwords } from './features/accounts/passwords.js';
import type { CountIn } from './limits/limit.js';
import { createCountInRedis } from './servers/count-in-redis.js';
import { createRedis, type Redis } from './servers/redis.js';
import { metaOn } from './conversation-log/meta.model.js';
import { createLimits } from './limits/limits.js';
import type { Logger } from './logger.js';
import { type Clock, systemClock } from './realtime/clock.js';
import { createMetrics } from './metrics/metrics.js';

export interface AppDeps {
  config: Config;
  log: Logger;
  store: Store;
  database: Pick<Database, 'childPid'>;
  /** Where limits are counted. Default: in memory. */
  countIn?: CountIn | undefined;
  /** What hashes passwords. Default: as slowly as is usual. */
  passwords?: Passwords | undefined;
  /** Default: the system's. */
  clock?: Clock | undefined;
}

export interface App {
  /** REST, sockets and the page on one server, not listening yet. */
  httpServer: Server;
  /** Takes nothing new, stores all that was taken, lets everybody go. Twice is once. */
  close(): Promise<void>;
}

/** Sori itself: services that hold the rules, doors that lead to them, subscribers that are notified of what was stored. */
export async function createApp({
  config,
  log,
  store,
  countIn,
  passwords,
  clock = systemClock,
}: AppDeps): Promise<App> {
  const report = (bug: unknown): void => {
    const { name, message, stack } = bug instanceof Error ? bug : new Error(String(bug));
    log.error({ error: name, reason: message, stack }, 'A bug');
  };
  const metrics = createMetrics();
  const transport = createTransport(config, { metrics, clock, report });
  const redis = await connectRedis({ config, log, store, clock });
  const relay = createRelay({ redis, store, emit: transport.emit, clock, log, report });
  const limits = createLimits(config.limits, countIn ?? (redis && createCountInRedis({ redis, clock })));
  const storedEntries = createStoredEntries(log);
  const base: Base = {
    config,
    log,
    store,
    limits,
    storedEntries,
    metrics,
    redis,
    relay,
    transport,
    clock,
    report,
  };
  const services = await createServices(base, passwords).catch((error: unknown) => {
    redis?.close();
    throw error;
  });

  let closing: Promise<void> | undefined;
  const doors = openDoors(base, services, () => closing !== undefined);
  const leaveOthers = subscribeAll(base, services, doors);
  measure(base, services);
  return {
    httpServer: transport.httpServer,
    close: () => (closing ??= closeAll(base, doors, services).finally(leaveOthers)),
  };
}

/** What makes several servers one, where there are several. */
async function connectRedis({
  config: { redisUrl },
  log,
  store,
  clock,
}: Pick<Base, 'config' | 'log' | 'store' | 'clock'>): Promise<Redis | undefined> {
  if (redisUrl === undefined) return undefined;
  const prefix = `sori:${await metaOn(store.connection).epoch()}:`;
  return createRedis({ url: redisUrl, prefix, log, clock });
}
