import type { Model, Types } from 'mongoose';
import { deleteByTurns, type TurnsOptions } from '../database/delete-in-batches.js';
import type { ConversationRow } from './conversations.model.js';
import { type Entries, entryIndexes, type EntryRow } from './entries.model.js';

export interface RetentionDeps {
  entries: Entries;
  conversations: Model<ConversationRow>;
  /** Notes the files of the entries below this seq, which are about to be deleted. */
  releaseFiles: (conversationId: Types.ObjectId, below: number) => Promise<void>;
  readTail: (conversationId: Types.ObjectId) => Promise<EntryRow | null>;
  /** What could not be swept; the others are. */
  failed: (conversationId: Types.ObjectId, error: unknown) => void;
  /** Milliseconds since 1970. */
  now: () => number;
}

type Kept = Pick<ConversationRow, '_id' | 'appliedSeq' | 'firstSeq' | 'retentionHours'>;

const hourMs = 3_600_000;

/** Logs that are kept for a time only. What is too old is not shown any more; sweeping takes it out of the database. */
export function createRetention({
  entries,
  conversations,
  releaseFiles,
  readTail,
  failed,
  now,
}: RetentionDeps) {
  const { model } = entries;

  /** The oldest entry that may still be shown; undefined where all of them are too old. */
  async function firstKept({ _id, firstSeq = 1, retentionHours }: Kept): Promise<number | undefined> {
    if (retentionHours === undefined) return firstSeq;
    const since = now() - retentionHours * hourMs;
    // The time never runs backwards in a log: all below `low` is too old, and the first at or above `high` is `found`. As a
    // rule it is near the beginning, since the last sweep was a minute ago; after a long stop it may be anywhere.
    let [low, high] = [firstSeq, Infinity];
    let found: number | undefined;
    for (let step = 0; low < high; step = step * 2 + 1) {
      const seq = high === Infinity ? low + step : Math.floor((low + high) / 2);
      const row = await firstFrom(_id, seq);
      if (row && row.at.getTime() <= since) low = row.seq + 1;
      else [high, found] = [seq, row?.seq];
    }
    return found;
  }

  const firstFrom = (
    conversationId: Types.ObjectId,
    seq: number,
  ): Promise<Pick<EntryRow, 'seq' | 'at'> | null> =>
    model
      .findOne({ conversationId, seq: { $gte: seq } }, { seq: 1, at: 1 })
      .sort({ seq: 1 })
      .hint(entryIndexes.seq)
      .lean();

  /** Where this log begins for everybody: above its end where nothing of it may be shown any more. */
  async function firstSeq(conversation: Kept): Promise<number> {
    const first = await firstKept(conversation);
    if (first !== undefined) return first;
    const tail = await readTail(conversation._id);
    return Math.max(tail?.seq ?? 0, conversation.appliedSeq) + 1;
  }

  async function sweepOne(row: Kept, options: TurnsOptions): Promise<number> {
    const tail = await readTail(row._id);
    if (!tail) return 0;
    // Never the newest entry, which says what the next one is numbered; and nothing that the projections lack.
    const first = Math.min((await firstKept(row)) ?? tail.seq, tail.seq, row.appliedSeq);
    if (first > (row.firstSeq ?? 1)) {
      // Stored before anything is deleted: a reader that finds the beginning missing must know that it was swept.
      await conversations.updateOne({ _id: row._id }, { $max: { firstSeq: first } });
    }
    const below = Math.max(first, row.firstSeq ?? 1);
    await releaseFiles(row._id, below);
    return deleteByTurns(entries.model, { conversationId: row._id, seq: { $lt: below } }, options);
  }

  return {
    firstSeq,

    /** Deletes what is too old, from the low end only. @returns how many entries */
    async sweep(options: TurnsOptions = {}): Promise<number> {
      const { goesOn = () => true } = options;
      let swept = 0;
      const rows = conversations
        .find({ retentionHours: { $exists: true } }, { appliedSeq: 1, firstSeq: 1, retentionHours: 1 })
        .hint({ retentionHours: 1 })
        .lean()
        .cursor();
      for await (const row of rows) {
        if (!goesOn()) break;
        try {
          swept += await sweepOne(row, options);
        } catch (error) {
          failed(row._id, error);
        }
      }
      return swept;
    },
  };
}
