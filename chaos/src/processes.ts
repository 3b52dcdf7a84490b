import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killPrograms } from '@sori/testkit';
import { sleep } from './time.js';

/** Folders that a run made, and that must not outlive it, however it ends. */
const folders = new Set<string>();
/** Database children are the server's, not ours; a stopped one would outlive it. By pid, with what its command line holds. */
const grandchildren = new Map<number, string>();

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sori-chaos-'));
  folders.add(folder);
  return folder;
}

/** Somebody else made it, and ends without taking it away where this program ends before its time. */
export const ownedFolder = (folder: string): void => void folders.add(folder);

export function ownedPid(pid: number, mark: string): void {
  grandchildren.set(pid, mark);
}

/** A pid may have gone to another program since: only one whose command line tells is ours. */
function isOurs(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark);
  } catch {
    return false;
  }
}

export function signalPid(pid: number, mark: string, signal: NodeJS.Signals): boolean {
  if (!isOurs(pid, mark)) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/**
 * Wakes a stopped process after a while even if this program is killed meanwhile: nothing may be left stopped for ever.
 * @returns what takes it back.
 */
export function wakeLater(pid: number, afterMs: number): () => void {
  const seconds = String(Math.ceil(afterMs / 1_000) + 1);
  const guard = spawn('sh', ['-c', `sleep ${seconds}; kill -CONT ${pid}`], {
    stdio: 'ignore',
    detached: true,
  });
  guard.on('error', () => undefined);
  guard.unref();
  const { pid: group } = guard;
  return () => {
    try {
      // The whole group, or the shell's sleep stays.
      if (group !== undefined) process.kill(-group, 'SIGKILL');
    } catch {
      // It is done.
    }
  };
}

/**
 * Stops a process for a time, in milliseconds, or until `sooner` resolves.
 * @param mark what its command line has: it is ours
 * @returns whether there was one
 */
export async function pauseProcess(
  pid: number | undefined | null,
  mark: string,
  ms: number,
  sooner?: Promise<unknown>,
): Promise<boolean> {
  if (pid === undefined || pid === null || !signalPid(pid, mark, 'SIGSTOP')) return false;
  const takeBack = wakeLater(pid, ms);
  await Promise.race([sleep(ms), ...(sooner ? [sooner] : [])]);
  signalPid(pid, mark, 'SIGCONT');
  takeBack();
  return true;
}

/** Ends whatever is still there at once, and takes the data away. */
export function endAll(): void {
  killPrograms();
  for (const [pid, mark] of grandchildren) signalPid(pid, mark, 'SIGKILL');
  for (const folder of folders) {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    } catch {
      // Only temporary data: no reason to end with another code.
    }
  }
}
