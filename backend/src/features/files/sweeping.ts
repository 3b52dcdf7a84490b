import type { Model } from 'mongoose';
import type { Clock } from '../../realtime/clock.js';
import type { Bytes } from './bytes.js';
import type { Claim, FileRow, Files } from './file.model.js';
import { createDueFiles, type DueFilesDeps } from './due-files.js';
import { claimedBy } from './message-of.js';

export interface SweepingDeps extends Omit<DueFilesDeps, 'files'> {
  rows: Files;
  bytes: Bytes;
  clock: Pick<Clock, 'now' | 'after'>;
  report: (error: unknown) => void;
}

export type Sweeping = ReturnType<typeof createSweeping>;

/** What could not be deleted is tried again after so long, in milliseconds. */
const againAfterMs = 60_000;
const sweepEveryMs = 10_000;
/** Looked at before anybody else's turn comes. */
const rowsAtOnce = 100;

/** Those that have been due for longest. */
const dueIn = <Row>(model: Model<Row>, now: number) =>
  model
    .find({ dueAt: { $lte: new Date(now) } })
    .sort({ dueAt: 1 })
    .hint({ dueAt: 1 })
    .limit(rowsAtOnce)
    .lean();

/** Deletes files that nobody needs: never sent, of deleted messages, left behind by a killed program. */
export function createSweeping(deps: SweepingDeps) {
  const { rows, bytes, clock, report } = deps;
  const { files } = rows;
  const { check, remove } = createDueFiles({ ...deps, files });
  /** One that cannot be deleted, where its store is away, keeps none of the others waiting. */
  const later = () => ({ $set: { dueAt: new Date(clock.now() + againAfterMs) } });
  let sweeping: Promise<void> | undefined;
  let cancelNext: (() => void) | undefined;
  let stopped = false;

  async function sweepFiles(): Promise<boolean> {
    const due = await dueIn(files, clock.now());
    for (const row of due) {
      if (stopped) return false;
      await check(row).catch((error: unknown) => failed(row, error));
    }
    return due.length === rowsAtOnce;
  }

  async function failed({ _id, dueAt }: FileRow, error: unknown): Promise<void> {
    report(error);
    await files.updateOne({ _id, dueAt }, later());
  }

  async function sweepBytes(): Promise<boolean> {
    const due = await dueIn(rows.bytes, clock.now());
    for (const row of due) {
      if (stopped) return false;
      await bytes
        .check(row, async (ids) => {
          const made = await files.find({ _id: { $in: ids }, bytesId: row._id }, { state: 1 }).lean();
          return new Map(made.map(({ _id, state }) => [_id.toHexString(), state]));
        })
        .catch(async (error: unknown) => {
          report(error);
          await rows.bytes.updateOne({ _id: row._id }, later());
        });
    }
    return due.length === rowsAtOnce;
  }

  async function sweepAll(): Promise<void> {
    while (!stopped && (await sweepFiles()));
    while (!stopped && (await sweepBytes()));
  }

  /** Deletes what is due. */
  function sweep(): Promise<void> {
    sweeping ??= sweepAll()
      .catch(report)
      .finally(() => (sweeping = undefined));
    return sweeping;
  }

  return {
    sweep,

    /** Sweeps again and again, until `close`. */
    begin(): void {
      cancelNext = clock.after(sweepEveryMs, () => {
        void sweep().then(() => {
          if (!stopped) this.begin();
        });
      });
    },

    /** The message is deleted: its files are, at once. Where that fails, the sweeper does it. */
    async removed(message: Claim): Promise<void> {
      for (const row of await files.find(claimedBy(message), { bytesId: 1 }).lean()) await remove(row);
    },

    async close(): Promise<void> {
      stopped = true;
      cancelNext?.();
      await sweeping;
    },
  };
}
