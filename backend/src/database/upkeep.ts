import type { Connection, Model } from 'mongoose';
import type { Logger } from 'pino';

const upkeepConnections = new WeakMap<Connection, Connection>();

/** From here on upkeep of what is reached by `connection` goes by `upkeep`, which waits as long as it takes. */
export function keepUpBy(connection: Connection, upkeep: Connection): void {
  upkeepConnections.set(connection, upkeep);
}

/** These rows, without a time-out. */
export const upkeepOf = ({ db, collection }: Pick<Model<unknown>, 'db' | 'collection'>) =>
  (upkeepConnections.get(db) ?? db).collection(collection.collectionName);

const reportedEveryMs = 3_000;

/** Of what `currentOp` says. */
interface Operation {
  ns?: string;
  msg?: string;
  progress?: { done?: number; total?: number };
  command?: { createIndexes?: string; indexes?: { name?: string }[] };
}

/**
 * Says every few seconds how far the indexes are that are being made, for whoever waits at the terminal for the start.
 * @param onlyBuilds says nothing where none is being made
 * @returns what ends it
 */
export function logIndexBuilds(
  connection: Connection,
  log: Pick<Logger, 'info'>,
  { onlyBuilds = false } = {},
): () => void {
  const since = performance.now();
  // Where the start fails, nothing waits for this.
  const timer = setInterval(() => void emit(), reportedEveryMs).unref();
  let asks = false;

  async function emit(): Promise<void> {
    const seconds = Math.round((performance.now() - since) / 1_000);
    // A database that is too busy to answer in time is not asked twice at once.
    const builds = asks ? [] : await running();
    if (builds.length === 0 && !onlyBuilds) log.info({ seconds }, 'Preparing the database');
    for (const { ns, command, progress: { done, total } = {} } of builds) {
      const names = command?.indexes?.map(({ name }) => name).join(', ');
      const what = `${ns ?? command?.createIndexes ?? ''} ${names ?? ''}`.trim();
      log.info({ seconds, what, done, of: total }, 'Preparing the database: making an index');
    }
  }

  /** Empty where that cannot be said just now. */
  async function running(): Promise<Operation[]> {
    asks = true;
    try {
      const { inprog } = await connection
        .getClient()
        .db('admin')
        .command({ currentOp: 1, 'command.createIndexes': { $exists: true } });
      return inprog as Operation[];
    } catch {
      return [];
    } finally {
      asks = false;
    }
  }

  return () => clearInterval(timer);
}
