import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_LIMITS } from '../config.js';
import { compiledProgram } from '../database/paths.js';
import { createVisitors } from './server.js';

/** What `DATA_DIR/run.json` says. */
export interface RunFile {
  serverPid: number;
  databasePid: number | null;
  port: number;
  socketPath: string | null;
}

/** Waits for something that no event tells. */
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
  let child: ChildProcess | undefined;
  let ended: Promise<number | null> = Promise.resolve(null);
  let url = '';
  let seen = '';

  return {
    ...createVisitors(() => url),
    /** Everything that was printed since the first start: the log included. */
    seen: () => seen,
    runFile: async (): Promise<RunFile> =>
      JSON.parse(await readFile(join(folder, 'data', 'run.json'), 'utf8')) as RunFile,

    /** Resolves when it listens. */
    async start(): Promise<void> {
      const program = spawn(process.execPath, [compiledProgram('main.js')], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          PORT: '0',
          HOST: '127.0.0.1',
          DATA_DIR: 'data',
          LOG_LEVEL: 'debug',
          ...NO_LIMITS,
          ...settings,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = program;
      ended = once(program, 'close').then(([code]) => code as number | null);
      let text = '';
      url = await new Promise((resolve, reject) => {
        const read = (chunk: Buffer): void => {
          text += chunk.toString();
          seen += chunk.toString();
          const found = /^Sori is running: (\S+)/m.exec(text)?.[1];
          if (found) resolve(found);
        };
        program.stdout.on('data', read);
        program.stderr.on('data', read);
        void ended.then((code) => reject(new Error(`It ended with ${code ?? 'a signal'}: ${text}`)));
      });
    },
    signal: (name: NodeJS.Signals): void => void child?.kill(name),
    /** The exit code, once it has ended; null after a kill. */
    ended: () => ended,

    async close(): Promise<void> {
      child?.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
