import { readFileSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, LaunchLog } from './database.js';
import { closeWithinMs, type Host, HostFailure } from './host-process.js';
import { launcherFor, noLauncherSentence, readMachine, type Launcher } from './machine.js';
import { enginePlan, type Plan, planFor } from './plans.js';
import { makeReachable, supervise } from './supervisor.js';

export type { Database, LaunchLog } from './database.js';
export { engineUri } from './plans.js';

export interface LaunchOptions {
  dataDir: string;
  log: LaunchLog;
  /**
   * How long to wait for another process to let go of the data, in ms. Default: 5,000 while a server lives there, and where
   * none does any more, longer than the database that it left may take to end.
   */
  lockWaitMs?: number;
}

/** The data is held by another process. The message is for the person at the terminal. */
export class DatabaseInUseError extends Error {}
/** Nothing that could hold the data runs on this machine. The message is for the person at the terminal. */
export class NoDatabaseError extends Error {}

const LOCK_RETRY_MS = 200;
const LOCK_WAIT_MS = 5_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Whether the server that has put its `run.json` there lives. */
function isServed(dataDir: string): boolean {
  try {
    const { serverPid } = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as {
      serverPid: number;
    };
    return process.kill(serverPid, 0);
  } catch {
    return false;
  }
}

/** Starts a host; where another process still holds the data, waits for it to let go. @throws DatabaseInUseError */
async function startPatiently(
  plan: Plan,
  dataDir: string,
  waitMs: number | undefined,
  log: LaunchLog,
): Promise<Host> {
  const began = performance.now();
  const isOver = (): boolean =>
    performance.now() - began >= (waitMs ?? (isServed(dataDir) ? LOCK_WAIT_MS : closeWithinMs + 2_000));
  let isLogged = false;
  for (;;) {
    try {
      return await plan.start();
    } catch (error) {
      if (!(error instanceof HostFailure) || error.reason !== 'in-use') throw error;
      if (isOver()) {
        throw new DatabaseInUseError(
          `Another Sori is already running on the data in ${dataDir}: stop that one first, or set DATA_DIR to another folder.`,
        );
      }
      if (!isLogged)
        log.info({ dataDir }, 'Another process holds the data: waiting a moment for it to let go');
      isLogged = true;
      await sleep(LOCK_RETRY_MS);
    }
  }
}

/**
 * Starts the database that fits this machine on `dataDir` (made where it is missing) and keeps it running.
 * @throws DatabaseInUseError when another process holds the data; NoDatabaseError when nothing runs on this machine.
 */
export async function launchDatabase({ dataDir: wanted, log, lockWaitMs }: LaunchOptions): Promise<Database> {
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(wanted);
  const machine = await readMachine(dataDir);
  const failed = new Set<Launcher['kind']>();
  for (;;) {
    const launcher = launcherFor(machine, failed);
    if (launcher.kind === 'none') throw new NoDatabaseError(noLauncherSentence(launcher.because));
    try {
      let plan = await planFor(launcher, dataDir, log);
      let host: Host;
      try {
        host = await startPatiently(plan, dataDir, lockWaitMs, log);
      } catch (error) {
        if (!(error instanceof HostFailure) || error.reason !== 'no-sockets') throw error;
        // Shared folders of virtual machines hold files, but no sockets.
        plan = await enginePlan(dataDir, launcher.kind === 'engine-with-libc', true);
        host = await startPatiently(plan, dataDir, lockWaitMs, log);
      }
      await makeReachable(plan, host);
      return supervise(plan, host, log);
    } catch (error) {
      if (error instanceof DatabaseInUseError) throw error;
      // Broken data is broken for every launcher, and no reason to begin with an empty database elsewhere.
      if (error instanceof HostFailure && error.reason === 'other') {
        throw new Error(`The database could not open its data in ${dataDir}: ${error.message}`, {
          cause: error,
        });
      }
      const message = error instanceof Error ? error.message : String(error);
      log.warn(
        { launcher: launcher.kind, reason: message },
        'This way to run the database does not work here',
      );
      failed.add(launcher.kind);
    }
  }
}
