import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs and folders that the benchmark made, and that must not outlive it, however it ends. */
const children = new Set<ChildProcess>();
const folders = new Set<string>();
const endWithParent = new URL('./end-with-parent.js', import.meta.url).href;
const stopWithinMs = 22_000;

/** A folder that is gone when the benchmark ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sori-bench-'));
  folders.add(folder);
  return folder;
}

export interface Program {
  pid: number;
  child: ChildProcess;
  /** Asks it to end (SIGTERM) and waits; kills it where that takes too long. */
  stop(): Promise<void>;
}

export interface ProgramOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Options of node itself, before the program's name. */
  execArgv?: string[];
}

/** Starts a compiled program that ends with this process, also where this one is killed and can do nothing for it any more. */
export function startProgram(url: URL, { env = {}, cwd, execArgv = [] }: ProgramOptions = {}): Program {
  const child = fork(fileURLToPath(url), [], {
    env: { ...process.env, ...env },
    execArgv: ['--import', endWithParent, ...execArgv],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return {
    pid: child.pid ?? 0,
    child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Resolves with the first line of the program's output that begins like this. @throws Error where it ends before, or is late */
export async function lineOf({ child }: Program, beginning: string, withinMs = 30_000): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`"${beginning}" did not come in time`)), withinMs);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`The program ended early (${code ?? signal ?? 'unknown'}): ${text.slice(-500)}`));
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const line = text.split('\n').find((one) => one.startsWith(beginning));
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(line);
    });
  });
}

/** Ends whatever is still there at once. What the server started ends with it: its pipe closes. */
export function endAll(): void {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

const ticksPerSecond = 100;

/** Processor time that a process has taken so far, in ms; NaN where the system does not tell. */
export function cpuMsOf(pid: number | null): number {
  try {
    const stat = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8');
    // The name, in parentheses, may have spaces in it; the times are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
  } catch {
    return NaN;
  }
}

/** Memory that a process has in RAM, in bytes; NaN where the system does not tell. */
export function residentBytesOf(pid: number | null): number {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8')) ?? [];
    return Number(kib) * 1_024;
  } catch {
    return NaN;
  }
}
