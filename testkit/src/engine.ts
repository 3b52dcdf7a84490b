import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  launchDatabase,
  type Database,
  type LaunchLog,
} from '../../backend/dist/database/embedded/launch.js';

/** The real database on a fresh directory, for one test or one file of tests. */
export interface TestEngine {
  uri: string;
  database: Database;
  dataDir: string;
  /** `kill -9` of the child that holds the data. */
  kill(): void;
  /** Resolves once the child that was killed last has been replaced and the new one can be reached. */
  restarted(): Promise<void>;
  /** The child stops answering, without closing anything, until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends the child and removes the directory. */
  stop(): Promise<void>;
}

const silent: LaunchLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Starts the engine that production uses, from what `npm run build` compiled. */
export async function startEngine(): Promise<TestEngine> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sori-test-'));
  const database = await launchDatabase({ dataDir, log: silent });
  let kills = 0;
  let restarts = 0;
  let waiting: (() => void)[] = [];
  database.onRestart(() => {
    restarts = kills;
    for (const resolve of waiting) resolve();
    waiting = [];
  });
  const signal = (name: NodeJS.Signals): void => {
    const pid = database.childPid();
    if (pid === null) throw new Error('The database is not running');
    process.kill(pid, name);
  };
  return {
    uri: database.uri,
    database,
    dataDir,
    kill() {
      signal('SIGKILL');
      kills += 1;
    },
    restarted: () =>
      restarts >= kills ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve)),
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async stop() {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
