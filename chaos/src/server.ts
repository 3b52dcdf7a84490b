import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Program, type RunFile, startSori } from '@sori/testkit';
import type { Violation } from './evidence.js';
import { ownedPid, signalPid, temporaryFolder, wakeLater } from './processes.js';
import { sleep } from './time.js';

const startTries = 3;
const endWithinMs = 25_000;
const wordsKept = 4_000;
/** What the server itself calls a bug, its own belt against gaps included. */
const bugs = /"msg":"(BUG|A bug)|an entry was refused by the database|the appender failed|an append failed/;

export type ServerUnderTest = Awaited<ReturnType<typeof startServer>>;

/** The real server on data of its own, which can be killed, stopped, started again and told another time. */
export async function startServer(notice: (violation: Violation) => void) {
  const dataDir = temporaryFolder();
  const program = fileURLToPath(new URL('server-program.js', import.meta.url));
  let child: ChildProcess | null = null;
  let port: number | null = null;
  let offsetMs = 0;
  let ended: Promise<unknown> = Promise.resolve();
  let endWanted = false;
  let starts = 0;
  let words = '';

  function listen(text: string): void {
    words = (words + text).slice(-wordsKept);
    for (const line of text.split('\n'))
      if (bugs.test(line)) notice({ rule: 'server', what: line.slice(0, 3_000) });
  }

  async function startOnce(): Promise<boolean> {
    starts += 1;
    endWanted = false;
    words = '';
    try {
      const sori = await startSori({
        dataDir,
        program,
        args: [String(offsetMs)],
        settings: {
          NODE_ENV: 'production',
          // It has entries of the server's own, which nobody here asked for.
          OPEN_LOBBY: '0',
        },
        started: watch,
        onOutput: listen,
      });
      if (!isRunning()) return false;
      port = sori.port;
      findDatabase(dataDir);
      return true;
    } catch {
      return false;
    }
  }

  function watch(next: Program): void {
    child = next.child;
    ended = next.ended.then((code) => {
      // It was too slow, and is started again.
      const wasLate = port === null && next.child.signalCode === 'SIGKILL';
      if (child === next.child) {
        child = null;
        port = null;
      }
      // By design, where the database that was left behind does not let go in time: it is started again.
      if (words.includes('Another Sori is already running') || wasLate || endWanted) return;
      notice({
        rule: 'server',
        what: `it ended by itself (${code ?? next.child.signalCode ?? '?'}): ${words.slice(-1_500)}`,
      });
    });
  }

  async function start(): Promise<void> {
    for (let attempt = 1; attempt <= startTries; attempt += 1) {
      if (await startOnce()) return;
      if (isRunning()) await kill();
    }
    throw new Error(`The server did not start: ${words.slice(-1_500)}`);
  }

  // A call, because the compiler would believe that a variable never changes while we wait.
  const isRunning = (): boolean => child !== null;

  async function kill(): Promise<void> {
    endWanted = true;
    child?.kill('SIGKILL');
    await ended;
  }

  await start();
  return {
    dataDir,
    /** Where it listens; null while it does not run. */
    port: () => port,
    starts: () => starts,
    isRunning,
    start,
    /** kill -9. */
    kill,
    /** As a person would end it. */
    async end(): Promise<void> {
      endWanted = true;
      child?.kill('SIGTERM');
      const timer = setTimeout(() => {
        notice({ rule: 'server', what: `it did not end within ${endWithinMs} ms` });
        child?.kill('SIGKILL');
      }, endWithinMs);
      await ended;
      clearTimeout(timer);
    },
    pauseServer: (ms: number): Promise<boolean> => pause(child?.pid, 'server-program', ms),
    pauseDatabase: (ms: number): Promise<boolean> => pause(findDatabase(dataDir), dataDir, ms),
    /** Killed with -9; the server brings it back by itself. */
    killDatabase(): boolean {
      const pid = findDatabase(dataDir);
      return pid !== null && signalPid(pid, dataDir, 'SIGKILL');
    },
    setClock(ms: number): void {
      offsetMs = ms;
      if (child?.connected) child.send({ offsetMs }, () => undefined);
    },
    clock: () => offsetMs,
  };
}

/** The process of its database, while there is one. */
function findDatabase(dataDir: string): number | null {
  try {
    const { databasePid } = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as RunFile;
    if (databasePid !== null) ownedPid(databasePid, dataDir);
    return databasePid;
  } catch {
    return null;
  }
}

/**
 * Stops a process for a time.
 * @param mark what its command line has: it is ours
 * @returns whether there was one
 */
async function pause(pid: number | undefined | null, mark: string, ms: number): Promise<boolean> {
  if (pid === undefined || pid === null || !signalPid(pid, mark, 'SIGSTOP')) return false;
  const takeBack = wakeLater(pid, ms);
  await sleep(ms);
  signalPid(pid, mark, 'SIGCONT');
  takeBack();
  return true;
}
