import type { Logger } from 'pino';
import type { Store } from '../database/connect.js';
import type { Migration } from './migration.js';

export interface RunDeps {
  store: Store;
  log: Logger;
  /** Aborted where the work has to stop between two batches. */
  ends: AbortSignal;
}

/** For whoever waits at the terminal. */
const reportedEveryMs = 3_000;

/** Runs it once, and says how far it is. */
export async function runMigration(
  { number, name, run }: Migration,
  { store, log, ends }: RunDeps,
): Promise<void> {
  ends.throwIfAborted();
  const began = performance.now();
  let reportedAt = began;
  let rows = 0;
  const progress = () => ({
    migration: number,
    name,
    rows,
    seconds: Math.round((performance.now() - began) / 1_000),
  });
  await run({
    store,
    log,
    changed(count) {
      rows += count;
      log.debug({ migration: number, rows }, 'A batch of stored data was changed');
      if (performance.now() - reportedAt >= reportedEveryMs) {
        reportedAt = performance.now();
        log.info(progress(), 'Changing stored data to its new form');
      }
      ends.throwIfAborted();
    },
  });
  if (rows > 0) log.info(progress(), 'Stored data was changed to its new form');
}
