import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunFile, startEngine } from '@sori/testkit';
import { ownedFolder, ownedPid, pauseProcess, signalPid } from './processes.js';

export interface DatabaseUnderTest {
  /** Where servers find it; undefined where the one server brings its own. */
  uri: string | undefined;
  /** SIGSTOP for so many milliseconds. @returns whether it ran */
  pause: (ms: number) => Promise<boolean>;
  /** With -9; whoever looks after it brings it back. @returns whether it ran */
  kill: () => boolean;
  end: () => Promise<void>;
}

const broken = (pid: () => number | null, mark: string): Pick<DatabaseUnderTest, 'pause' | 'kill'> => ({
  pause: (ms) => pauseProcess(pid(), mark, ms),
  kill() {
    const running = pid();
    return running !== null && signalPid(running, mark, 'SIGKILL');
  },
});

/** The one that the only server has within itself. */
export const embeddedDatabase = (dataDir: string): DatabaseUnderTest => ({
  uri: undefined,
  ...broken(() => findDatabase(dataDir), dataDir),
  end: () => Promise.resolve(),
});

/** One of its own, for several servers. */
export async function startDatabase(): Promise<DatabaseUnderTest> {
  const engine = await startEngine();
  const { uri, database, dataDir } = engine;
  ownedFolder(dataDir);
  const own = (): void => {
    const pid = database.childPid();
    if (pid !== null) ownedPid(pid, dataDir);
  };
  own();
  database.onRestart(own);
  return { uri, ...broken(() => database.childPid(), dataDir), end: () => engine.stop() };
}

/** The process of a server's own database, while there is one. */
export function findDatabase(dataDir: string): number | null {
  try {
    const { databasePid } = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as RunFile;
    if (databasePid !== null) ownedPid(databasePid, dataDir);
    return databasePid;
  } catch {
    return null;
  }
}
