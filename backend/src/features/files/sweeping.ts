import type { Types } from 'mongoose';
import type { MessageRow } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Clock } from '../../realtime/clock.js';
import type { Bytes } from './bytes.js';
import type { Claim, FileRow, Files } from './file.model.js';
import { claimedBy, hasFile, type MessageOf } from './message-of.js';

export interface SweepingDeps {
  rows: Files;
  bytes: Bytes;
  conversations: ConversationLog['conversations'];
  messageOf: MessageOf;
  clock: Pick<Clock, 'now' | 'after'>;
  report: (error: unknown) => void;
}

export type Sweeping = ReturnType<typeof createSweeping>;

/** A message of which nothing is known yet may still be stored; then its file is needed. In milliseconds. */
const condemnedForMs = 60_000;
const sweepEveryMs = 10_000;
/** Looked at before anybody else's turn comes. */
const rowsAtOnce = 100;

/** Deletes files that nobody needs: never sent, of deleted messages, left behind by a killed program. */
export function createSweeping(deps: SweepingDeps) {
  const { rows, bytes, conversations, messageOf, clock, report } = deps;
  const { files } = rows;
  const inMs = (ms: number): Date => new Date(clock.now() + ms);
  let sweeping: Promise<void> | undefined;
  let cancelNext: (() => void) | undefined;
  let stopped = false;

  /** The bytes first: what is left where this breaks off is a row that is looked at again. */
  async function remove({ _id, bytesId }: Pick<FileRow, '_id' | 'bytesId'>): Promise<void> {
    await bytes.drop(bytesId, _id);
    await files.deleteOne({ _id });
  }

  /** Whether the message is gone for good, though its row may still be there. */
  async function isGone(message: MessageRow, fileId: Types.ObjectId): Promise<boolean> {
    if (!hasFile(message, fileId)) return true;
    const conversation = await conversations
      .findById(message.conversationId, { firstSeq: 1, deletedAt: 1 })
      .lean();
    return (
      !conversation || conversation.deletedAt !== undefined || message.seq < (conversation.firstSeq ?? 1)
    );
  }

  async function check(row: FileRow): Promise<void> {
    const { _id, dueAt, claim, condemnedAt } = row;
    const message = claim ? await messageOf(claim) : null;
    if (message) {
      if (await isGone(message, _id)) await remove(row);
      else
        await files.updateOne(
          { _id, dueAt },
          { $unset: { dueAt: '', condemnedAt: '', 'claim.released': '' } },
        );
      return;
    }
    if (condemnedAt === undefined) {
      // Only as it was read: whoever claims it meanwhile has moved the time on.
      await files.updateOne(
        { _id, dueAt },
        { $set: { condemnedAt: new Date(clock.now()), dueAt: inMs(condemnedForMs) } },
      );
    } else await remove(row);
  }

  async function sweepFiles(): Promise<boolean> {
    const due = await files
      .find({ dueAt: { $lte: new Date(clock.now()) } })
      .sort({ dueAt: 1 })
      .hint({ dueAt: 1 })
      .limit(rowsAtOnce)
      .lean();
    for (const row of due) {
      if (stopped) return false;
      await check(row).catch((error: unknown) => failed(row, error));
    }
    return due.length === rowsAtOnce;
  }

  /** One that cannot be deleted, where its store is away, keeps none of the others waiting. */
  async function failed({ _id, dueAt }: FileRow, error: unknown): Promise<void> {
    report(error);
    await files.updateOne({ _id, dueAt }, { $set: { dueAt: inMs(condemnedForMs) } });
  }

  async function sweepBytes(): Promise<boolean> {
    const due = await rows.bytes
      .find({ dueAt: { $lte: new Date(clock.now()) } })
      .sort({ dueAt: 1 })
      .hint({ dueAt: 1 })
      .limit(rowsAtOnce)
      .lean();
    for (const row of due) {
      if (stopped) return false;
      await bytes
        .check(row, async (ids) => {
          const made = await files.find({ _id: { $in: ids }, bytesId: row._id }, { state: 1 }).lean();
          return new Map(made.map(({ _id, state }) => [_id.toHexString(), state]));
        })
        .catch(async (error: unknown) => {
          report(error);
          await rows.bytes.updateOne({ _id: row._id }, { $set: { dueAt: inMs(condemnedForMs) } });
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

    remove,

    async close(): Promise<void> {
      stopped = true;
      cancelNext?.();
      await sweeping;
    },
  };
}
