import type { Database, LaunchLog } from './database.js';
import { endHost, type Host } from './host-process.js';
import type { Plan } from './plans.js';

const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 2_000;
/** A child that lived this long did not die of how it was started: the next one is started at once. */
const HEALTHY_AFTER_MS = 2_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Tells the world of a child that serves. Where that fails, the child is ended. */
export async function makeReachable(plan: Plan, host: Host): Promise<void> {
  try {
    await plan.reachable();
  } catch (error) {
    // A disk that is full, say: this child would hold the data, and nobody would know it.
    await endHost(host.child);
    throw error;
  }
}

/** Starts a child again whenever it dies, until it is closed. */
export function supervise(plan: Plan, first: Host, log: LaunchLog): Database {
  const listeners = new Set<() => void>();
  let host: Host | null = null;
  let backOffMs = 0;
  let restarting: Promise<void> | null = null;
  let closing = false;

  // A call, because the compiler would believe that a variable never changes while we wait.
  const isClosing = (): boolean => closing;

  const watch = (next: Host): void => {
    host = next;
    const since = Date.now();
    const died = (): void => {
      if (host !== next) return;
      host = null;
      if (closing) return;
      if (Date.now() - since > HEALTHY_AFTER_MS) backOffMs = 0;
      log.error(
        { pid: next.pid, exitCode: next.child.exitCode, signal: next.child.signalCode },
        'The database died: starting it again',
      );
      restarting = restart();
    };
    next.child.once('exit', died);
    if (next.child.exitCode !== null || next.child.signalCode !== null) died();
  };

  const restart = async (): Promise<void> => {
    while (!isClosing()) {
      await sleep(backOffMs);
      backOffMs = Math.min(Math.max(backOffMs * 2, FIRST_BACK_OFF_MS), LONGEST_BACK_OFF_MS);
      try {
        const next = await plan.start();
        await makeReachable(plan, next);
        watch(next);
        // Asked to close while it started: `close` waits for us and then ends it.
        if (isClosing()) return;
        log.info({ pid: next.pid }, 'The database is back');
        for (const listener of listeners) listener();
        return;
      } catch (error) {
        log.error(
          { reason: error instanceof Error ? error.message : String(error) },
          'The database could not be started again',
        );
      }
    }
  };

  watch(first);
  return {
    uri: plan.uri,
    socketPath: plan.socketPath,
    childPid: () => host?.pid ?? null,
    onRestart(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      if (closing) return;
      closing = true;
      await restarting;
      if (host) await endHost(host.child);
      await plan.clean();
    },
  };
}
