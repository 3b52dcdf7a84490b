import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Store } from '../database/connect.js';
import { leaseOn, type LeaseOptions } from '../database/lease.js';
import { logIndexBuilds } from '../database/upkeep.js';
import { type CollectionIndexes, collections } from './indexes.js';
import { dropFormer, type IndexPlan, makeMissing, planIndexes } from './make-indexes.js';
import type { Migration } from './migration.js';
import { migrations as ours } from './migrations/index.js';
import { runMigration } from './run-migration.js';
import { raiseVersion, requireProgram } from './versions.js';

export interface PrepareDeps {
  store: Store;
  log: Logger;
  migrations?: readonly Migration[];
  indexes?: Readonly<Record<string, CollectionIndexes>>;
  /** So long the start waits for what the server may also serve without, in milliseconds. Default a minute. */
  waitAtMostMs?: number;
  /** How often is looked whether another server is done, in milliseconds. Default 250. */
  lookEveryMs?: number;
  /** After so long is tried again what failed while the server serves, in milliseconds. Default a minute. */
  retryAfterMs?: number;
  lease?: LeaseOptions;
}

export interface Preparation {
  /** Resolves when nothing is left to be done, or when it was ended. */
  done: Promise<void>;
  /** Ends what is still being done, between two batches; the next start takes it up. */
  close(): Promise<void>;
}

/** What is left to be done. */
interface Plan {
  indexes: IndexPlan[];
  migrations: Migration[];
}

const isEmpty = ({ indexes, migrations }: Plan): boolean => indexes.length === 0 && migrations.length === 0;

/** So long the end waits for a batch; an index build ends with its connection. */
const closeWithinMs = 1_000;

/**
 * Brings the stored data into the form that this program wants: the indexes of the table, and the migrations that are not done.
 * Of several servers one works at a time and the others wait for it. Resolves as soon as the server may serve: at once where
 * nothing is left, else when all is done or, from `waitAtMostMs` on, when what it cannot serve without is.
 * @throws ProgramTooOldError where a newer program has changed the data
 */
export async function prepareSchema(deps: PrepareDeps): Promise<Preparation> {
  const { store, log, waitAtMostMs = 60_000, retryAfterMs = 60_000 } = deps;
  const stop = new AbortController();
  const { signal } = stop;
  const steps = createSteps(deps, signal);
  // Almost every start: one look, and nothing is written.
  if (isEmpty(await steps.whole())) return { done: Promise.resolve(), close: () => Promise.resolve() };
  const patience = delay(waitAtMostMs, undefined, { signal, ref: false }).catch(() => undefined);
  await steps.doAll(steps.needed);

  async function rest(): Promise<void> {
    for (;;) {
      try {
        await steps.doAll(steps.whole);
        return;
      } catch (error) {
        if (signal.aborted) return;
        firstTryEnded();
        log.warn({ err: error }, 'Preparing the database did not succeed; it will be tried again');
        await delay(retryAfterMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }
  let firstTryEnded = (): void => undefined;
  const firstTry = new Promise<void>((resolve) => {
    firstTryEnded = resolve;
  });
  const done = rest();
  const isDone = done.then(() => true);
  const isNotYet = Promise.race([firstTry, patience]).then(() => false);
  if (!(await Promise.race([isDone, isNotYet]))) {
    log.info('The server begins to serve; the database is prepared further meanwhile');
    const stopLogging = logIndexBuilds(store.reads, log, { onlyBuilds: true });
    void done.finally(stopLogging);
  }
  return {
    done,
    async close() {
      stop.abort();
      await Promise.race([done, delay(closeWithinMs, undefined, { ref: false })]);
    },
  };
}

function createSteps(deps: PrepareDeps, signal: AbortSignal) {
  const { store, log, migrations = ours, indexes = collections, lookEveryMs = 250 } = deps;
  const { connection, upkeep } = store;
  const lease = leaseOn(connection, 'schema', deps.lease);
  const latest = migrations.at(-1)?.number ?? 0;
  let saidNewer = false;
  let saidWaits = false;
  /** Whatever a second look at its rows says: what cannot be changed must not keep the server from starting. */
  const ran = new Set<Migration>();

  async function pendingMigrations(schemaVersion: number): Promise<Migration[]> {
    const areLeft = await Promise.all(
      migrations.map(
        async (one) => one.number > schemaVersion || (!ran.has(one) && (await one.isLeft?.(store)) === true),
      ),
    );
    return migrations.filter((_one, index) => areLeft[index]);
  }

  async function whole(): Promise<Plan> {
    const { schemaVersion } = await requireProgram(connection);
    const plans = await planIndexes(upkeep, indexes);
    if (schemaVersion <= latest)
      return { indexes: plans, migrations: await pendingMigrations(schemaVersion) };
    if (!saidNewer)
      log.info({ schemaVersion, latest }, 'The data is of a newer Sori, which this one may use');
    saidNewer = true;
    // What was former to this program is not for it to say any more.
    const missing = plans.filter((plan) => plan.missing.length > 0).map((plan) => ({ ...plan, former: [] }));
    return { indexes: missing, migrations: [] };
  }

  /** The part that the server cannot serve without. In a new collection all indexes are made at once. */
  async function needed(): Promise<Plan> {
    const plan = await whole();
    const last = plan.migrations.findLastIndex(({ meanwhile }) => !meanwhile);
    return {
      indexes: plan.indexes
        .map((one) => ({
          ...one,
          missing: one.isNew ? one.missing : one.missing.filter(({ meanwhile }) => !meanwhile),
          former: [],
        }))
        .filter(({ missing }) => missing.length > 0),
      migrations: plan.migrations.slice(0, last + 1),
    };
  }

  async function carryOut({ indexes: plans, migrations: pending }: Plan, lost: AbortSignal): Promise<void> {
    const ends = AbortSignal.any([signal, lost]);
    const newOnes = plans.filter(({ isNew }) => isNew);
    await Promise.all(newOnes.map((plan) => makeMissing(upkeep, plan)));
    // One after the other: other upkeep needs its turn, and so does whoever writes.
    for (const plan of plans.filter(({ isNew }) => !isNew)) {
      ends.throwIfAborted();
      await makeMissing(upkeep, plan);
    }
    for (const plan of plans) await dropFormer(upkeep, plan);
    for (const migration of pending) {
      if (migration.oldestProgram !== undefined)
        await raiseVersion(connection, 'oldestProgram', migration.oldestProgram);
      await runMigration(migration, { store, log, ends });
      ran.add(migration);
      await raiseVersion(connection, 'schemaVersion', migration.number);
    }
  }

  return {
    whole,
    needed,
    /** Returns when there is nothing left of what `planOf` says, whoever did it. */
    async doAll(planOf: () => Promise<Plan>): Promise<void> {
      while (!isEmpty(await planOf())) {
        signal.throwIfAborted();
        // Planned again under the lease: meanwhile another one may have done it.
        const worked = await lease
          .hold(async (lost) => carryOut(await planOf(), lost))
          .catch((error: unknown) => {
            if (error instanceof Error && error.name === 'LeaseLostError') return false;
            throw error;
          });
        if (worked) continue;
        if (!saidWaits) log.info('Another server prepares the database; waiting for it');
        saidWaits = true;
        await delay(lookEveryMs, undefined, { signal });
      }
    },
  };
}
