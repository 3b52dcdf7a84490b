import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/**
 * Loaded into every program before itself: when whoever started it is gone, its pipe closes, and the program is asked to end as
 * a person would ask it. The pipe alone keeps no program running. As text, so that it is there whether this was compiled or not.
 */
const endWithParent = `data:text/javascript,${encodeURIComponent(
  "process.once('disconnect', () => process.kill(process.pid, 'SIGTERM')); process.channel?.unref();",
)}`;

/** An orderly end takes that long at most, in milliseconds; then it is killed. */
const stopWithinMs = 22_000;
const startWithinMs = 60_000;
/** Of what it printed, that many characters are kept: its beginning tells nothing of its end. */
const keptMost = 1_000_000;

/** What runs now. */
const running = new Set<ChildProcess>();

/** Kills at once whatever was started here and is still there: for a program that ends before its time. */
export function killPrograms(): void {
  for (const child of running) child.kill('SIGKILL');
}

export interface Program {
  pid: number;
  child: ChildProcess;
  /** What it printed so far, on either way out. */
  printed(): string;
  /** The exit code, once it has ended and said all; null after a kill. */
  ended: Promise<number | null>;
  /** Asks it to end (SIGTERM) and waits; kills it where that takes too long. */
  stop(): Promise<void>;
  /** With -9, in the middle of whatever it does. */
  kill(): Promise<void>;
}

export interface ProgramOptions {
  args?: readonly string[];
  /** All of its environment. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /** Options of node itself, before the program's name. */
  execArgv?: readonly string[];
  /** Called with whatever it prints. */
  onOutput?: (text: string) => void;
}

/** Starts a compiled program of ours. It ends with this process, also where this one is killed and can do nothing for it. */
export function startProgram(file: string, options: ProgramOptions = {}): Program {
  const { args = [], env = process.env, cwd, execArgv = [], onOutput } = options;
  const child = fork(file, [...args], {
    env: { ...env },
    execArgv: ['--import', endWithParent, ...execArgv],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  // A pipe that broke is told by the end of the process.
  child.on('error', () => undefined);
  let printed = '';
  const listen = (chunk: string): void => {
    printed = (printed + chunk).slice(-keptMost);
    onOutput?.(chunk);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', listen);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    child,
    printed: () => printed,
    ended,
    async stop() {
      if (!isOver()) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      await ended;
      clearTimeout(timer);
    },
    async kill() {
      if (!isOver()) child.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * Resolves with the first line that the program prints that begins like this.
 * @throws Error with what it said instead, where it ends before or is late.
 */
export function lineOf(program: Program, beginning: string, withinMs = startWithinMs): Promise<string> {
  const { child } = program;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const lines = program.printed().split('\n').slice(0, -1);
      const line = lines.find((one) => one.startsWith(beginning));
      if (line === undefined) return;
      finish();
      resolve(line);
    };
    const fail = (what: string): void => {
      finish();
      reject(new Error(`${what}: ${program.printed().slice(-1_500)}`));
    };
    const timer = setTimeout(() => fail(`"${beginning}" did not come in time`), withinMs);
    const finish = (): void => {
      clearTimeout(timer);
      child.stdout?.off('data', look);
    };
    child.stdout?.on('data', look);
    void program.ended.then((code) => fail(`The program ended early, with ${code ?? 'a signal'}`));
    look();
  });
}
