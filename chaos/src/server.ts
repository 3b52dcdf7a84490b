import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Program, startSori } from '@sori/testkit';
import { findDatabase } from './database.js';
import { pauseProcess } from './processes.js';
import type { Recorder } from './recorder.js';
import { sleep } from './time.js';

/**
 * A server whose database is being broken ends, and is started again by whoever looks after it: systemd and Docker do that for
 * ever, and here it must be there at last after so many milliseconds.
 */
const startWithinMs = 120_000;
const betweenTriesMs = 500;
const endWithinMs = 25_000;
const wordsKept = 4_000;
const reasonLength = 120;
/** What the server itself calls a bug, its own belt against gaps included. */
const bugs = /"msg":"(BUG|A bug)|an entry was refused by the database|the appender failed|an append failed/;

/** By design: the database that was left behind does not let go in time, or that of all servers is away. */
const mayEndWith = ['Another Sori is already running', 'The MongoDB of MONGODB_URI does not answer'];
/** The lobby has entries of the server's own, which nobody here asked for. */
const always = { NODE_ENV: 'production', OPEN_LOBBY: '0' };
/** A balancer finds out that a server hangs. */
const noticedAfterMs = 1_500;

export type ServerUnderTest = Awaited<ReturnType<typeof startServer>>;

export interface ServerOptions {
  name: string;
  dataDir: string;
  /** As the environment has them, beside those of every run. */
  settings?: Readonly<Record<string, string>>;
  recorder: Pick<Recorder, 'notice' | 'count'>;
}

/** Why a start came to nothing, in a few words. */
function reasonOf(words: string): string {
  const foreseen = words.split('\n').find((line) => mayEndWith.some((one) => line.includes(one)));
  // Without numbers and addresses, so that like reasons are counted together.
  return foreseen?.replaceAll(/\S*\d\S*/g, '…').slice(0, reasonLength) ?? 'it was killed, or told nothing';
}

/** The real server, which can be killed, stopped, started again and told another time. */
export async function startServer({ name, dataDir, settings, recorder }: ServerOptions) {
  const program = fileURLToPath(new URL('server-program.js', import.meta.url));
  let child: ChildProcess | null = null;
  let port: number | null = null;
  let offsetMs = 0;
  let ended: Promise<unknown> = Promise.resolve();
  let endWanted = false;
  let starts = 0;
  let words = '';
  let hangsSince: number | null = null;

  function listen(text: string): void {
    words = (words + text).slice(-wordsKept);
    for (const line of text.split('\n'))
      if (bugs.test(line)) recorder.notice({ rule: 'server', what: `${name}: ${line.slice(0, 3_000)}` });
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
        settings: { ...always, ...settings },
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
      if (mayEndWith.some((one) => words.includes(one)) || wasLate || endWanted) return;
      recorder.notice({
        rule: 'server',
        what: `${name} ended by itself (${code ?? next.child.signalCode ?? '?'}): ${words.slice(-1_500)}`,
      });
    });
  }

  async function start(): Promise<void> {
    const deadline = performance.now() + startWithinMs;
    while (performance.now() < deadline) {
      if (await startOnce()) return;
      recorder.count(`start failed: ${reasonOf(words)}`);
      if (isRunning()) await kill();
      await sleep(betweenTriesMs);
    }
    throw new Error(`${name} did not start within ${startWithinMs} ms: ${words.slice(-1_500)}`);
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
    name,
    /** Where it listens; null while it does not run. */
    port: () => port,
    /** Whether a balancer sends somebody there. */
    isReady: (): boolean =>
      port !== null && !endWanted && (hangsSince === null || performance.now() - hangsSince < noticedAfterMs),
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
        recorder.notice({ rule: 'server', what: `${name} did not end within ${endWithinMs} ms` });
        child?.kill('SIGKILL');
      }, endWithinMs);
      await ended;
      clearTimeout(timer);
    },
    /** SIGSTOP for so many milliseconds, or until `sooner` resolves. @returns whether it ran */
    async pause(ms: number, sooner?: Promise<unknown>): Promise<boolean> {
      hangsSince = performance.now();
      const paused = await pauseProcess(child?.pid, 'server-program', ms, sooner);
      hangsSince = null;
      return paused;
    },
    setClock(ms: number): void {
      offsetMs = ms;
      if (child?.connected) child.send({ offsetMs }, () => undefined);
    },
    clock: () => offsetMs,
  };
}
