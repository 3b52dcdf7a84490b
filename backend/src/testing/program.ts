import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, type RunFile, startSori } from '@sori/testkit';
import { createVisitors } from './server.js';
import { refuseUnlisted } from './unlisted.js';

/** Waits for something of which there is no event. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Whether there is such a process. A signal is only sent: who waits for the disk dies when that is over. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    // Dead, and nobody has asked what it ended with: in some containers nobody ever does.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The program as it is built and started by a person, in a folder of its own that outlives each start. */
export async function createProgram(settings: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'sori-test-'));
  const dataDir = join(folder, 'data');
  let program: Program | undefined;
  let url = '';
  let seen = '';

  return {
    ...createVisitors(() => url),
    dataDir: join(folder, 'data'),
    url: () => url,
    /** Everything that was printed since the first start: the log included. */
    seen: () => seen,
    runFile: async (): Promise<RunFile> =>
      JSON.parse(await readFile(join(dataDir, 'run.json'), 'utf8')) as RunFile,

    /** Resolves when it listens. */
    async start(): Promise<void> {
      const sori = await startSori({
        dataDir,
        settings: { LOG_LEVEL: 'debug', ...settings },
        started: (started) => (program = started),
        onOutput: (text) => (seen += text),
      });
      url = sori.url;
    },
    signal: (name: NodeJS.Signals): void => void program?.child.kill(name),
    /** The exit code, once it has ended; null after a kill. */
    ended: (): Promise<number | null> => program?.ended ?? Promise.resolve(null),

    async close(): Promise<void> {
      await program?.kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      refuseUnlisted(seen.split('\n'));
    },
  };
}
