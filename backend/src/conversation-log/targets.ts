import type { mongo, Types } from 'mongoose';
import type { Entries, EntryRow, MessageRow } from './entries.model.js';
import { isChange } from './message-projection.js';
import { asBytes, rowsOf } from './raw-rows.js';

export interface TargetsDeps {
  entries: Pick<Entries, 'model'>;
  readConcern: mongo.ReadConcernLevel;
}

/** Messages at known places of the log, as they now are. */
export function createTargets({ entries: { model }, readConcern }: TargetsDeps) {
  /** The messages that the changes among these entries of one conversation point to, by seq. */
  async function targetsOf(
    conversationId: Types.ObjectId,
    page: readonly EntryRow[],
  ): Promise<Map<number, MessageRow>> {
    const seqs = [...new Set(page.filter(isChange).map((change) => change.targetSeq))];
    if (seqs.length === 0) return new Map();
    const rows = await messagesAt(seqs.map((seq) => ({ conversationId, seq })));
    return new Map(rows.map((row) => [row.seq, row]));
  }

  /** The messages at these places, in no order; deleted ones included. */
  async function messagesAt(
    places: readonly { conversationId: Types.ObjectId; seq: number }[],
  ): Promise<MessageRow[]> {
    if (places.length === 0) return [];
    const read = await model
      .find({ $or: places.map(({ conversationId, seq }) => ({ conversationId, seq })) })
      .read('primary')
      .readConcern(readConcern)
      .setOptions(asBytes)
      .lean();
    return rowsOf(read).filter((row) => row.kind === 'message');
  }

  return { targetsOf, messagesAt };
}
