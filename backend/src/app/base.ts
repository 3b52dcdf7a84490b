import type { Config } from '../config.js';
import type { StoredEntries } from '../conversation-log/stored-entries.js';
import type { Store } from '../database/connect.js';
import type { Limits } from '../limits/limits.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Clock } from '../realtime/clock.js';
import type { Relay } from './relay.js';
import type { Redis } from '../servers/redis.js';
import type { Transport } from './transport.js';

/** What every service may use. */
export interface Base {
  config: Config;
  log: Logger;
  store: Store;
  limits: Limits;
  storedEntries: StoredEntries;
  metrics: Metrics;
  /** Where there are several servers. */
  redis: Redis | undefined;
  relay: Relay;
  transport: Transport;
  clock: Clock;
  /** A bug is written to the log; nobody waits. */
  report: (bug: unknown) => void;
}
