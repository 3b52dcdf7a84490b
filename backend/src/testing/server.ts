import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createApp } from '../app.js';
import { NO_LIMITS, readConfig } from '../config.js';
import { connectDatabase, type ConnectOptions, type Store } from '../database/connect.js';
import { createPasswords } from '../features/accounts/passwords.js';
import type { CountIn } from '../limits/limit.js';
import type { Clock } from '../realtime/clock.js';
import { startEngine, type TestEngine } from './engine.js';
import { createVisitors } from './visitors.js';
import { keptLog } from './kept-log.js';
import { refuseUnlisted } from './unlisted.js';

export { type Answer, type Door, doors, type SendOutcome, type Someone } from './someone.js';
export { createVisitors, password, type Visitors } from './visitors.js';

export interface ServerOptions {
  /** Another server on the same database; it is stopped by whoever started it. */
  engine?: TestEngine;
  /** How patient it is with the database. Default: very; `{}` is as in production, for tests of a database that is away. */
  database?: ConnectOptions;
  /** Sees the connections before anything is asked over them. */
  connected?: (store: Store) => void;
  /** Settings as the environment has them. Limits are off unless named. */
  settings?: Record<string, string>;
  /** Counts for the limits that are named, where a test must not depend on when their windows end. */
  countIn?: CountIn;
  /** By the power of two. Default 4: people who sign up take no time. */
  passwordCost?: number;
  /** Where a test does not wait for what takes time. Default: the system's. */
  clock?: Clock;
}

/** A busy machine's disk may take long; most tests are not about that. */
const patient: ConnectOptions = { callTimeoutMs: 30_000, serverSelectionTimeoutMs: 30_000 };

export type TestServer = Awaited<ReturnType<typeof startServer>>;

/** The whole messenger in this process, as `main.ts` runs it, on the real database in a fresh folder. */
export async function startServer(options: ServerOptions = {}) {
  const engine = options.engine ?? (await startEngine());
  const { log, logged } = keptLog();
  const store = await connectDatabase(engine.uri, options.database ?? patient);
  options.connected?.(store);
  const config = readConfig({
    DATA_DIR: engine.dataDir,
    JWT_SECRET: 'the same for every server of the tests',
    ...NO_LIMITS,
    ...options.settings,
  });
  const { countIn, passwordCost = 4, clock } = options;
  const passwords = createPasswords({ cost: passwordCost });
  const app = await createApp({ config, log, store, database: engine.database, countIn, passwords, clock });
  app.httpServer.listen(0, '127.0.0.1');
  await once(app.httpServer, 'listening');
  const { port } = app.httpServer.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const visitors = createVisitors(() => url);
  return {
    ...visitors,
    url,
    port,
    engine,
    store,
    app,
    /** Every line of the server's log. */
    logged,
    /** What the server itself calls a bug. */
    bugs: (): string[] => logged.filter((line) => /"level":(?:50|60)/.test(line)),
    async close(): Promise<void> {
      visitors.leave();
      await app.close();
      await store.close();
      if (options.engine === undefined) await engine.stop();
      refuseUnlisted(logged);
    },
  };
}
