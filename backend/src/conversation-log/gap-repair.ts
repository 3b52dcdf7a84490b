import { type Model, Types } from 'mongoose';
import type { Logger } from 'pino';
import { isDuplicateKey } from '../database/duplicate-key.js';
import type { ConversationRow } from './conversations.model.js';
import type { Entries, EntryRow } from './entries.model.js';

export interface GapRepairDeps {
  entries: Entries;
  conversations: Model<ConversationRow>;
  log: Logger;
}

/**
 * What is left of entries read above `afterSeq`, in order, up to the first gap. Where there is one, it is filled. What was
 * swept is none: then the entries begin where the log does.
 */
export type WithoutGap = (
  conversationId: Types.ObjectId,
  afterSeq: number,
  rows: EntryRow[],
) => Promise<EntryRow[]>;

/** Whoever sees a gap serves only what is below it, fills it, and says that there is a bug. */
export function createGapRepair({ entries, conversations, log }: GapRepairDeps): WithoutGap {
  return withoutGap;

  async function withoutGap(
    conversationId: Types.ObjectId,
    afterSeq: number,
    rows: EntryRow[],
  ): Promise<EntryRow[]> {
    const at = rows.findIndex((row, index) => row.seq !== afterSeq + 1 + index);
    if (at === -1) return rows;
    if (at === 0) {
      const { firstSeq = 1 } =
        (await conversations.findOne({ _id: conversationId }, { firstSeq: 1 }).lean()) ?? {};
      if (firstSeq > afterSeq + 1) {
        return withoutGap(
          conversationId,
          firstSeq - 1,
          rows.filter(({ seq }) => seq >= firstSeq),
        );
      }
    }
    await fill(conversationId, afterSeq + 1 + at);
    return rows.slice(0, at);
  }

  async function fill(conversationId: Types.ObjectId, seq: number): Promise<void> {
    log.error(
      { conversationId: conversationId.toHexString(), seq },
      'BUG: a gap in a log; filled with a noop',
    );
    const below = await entries.model.findOne({ conversationId, seq: seq - 1 }).lean();
    const noop: EntryRow = {
      _id: new Types.ObjectId(),
      conversationId,
      seq,
      kind: 'noop',
      senderId: new Types.ObjectId('0'.repeat(24)),
      clientId: `:noop-${seq}`,
      payloadHash: '',
      at: below?.at ?? new Date(0),
      messageCount: below?.messageCount ?? 0,
      membersVersion: below?.membersVersion ?? 0,
    };
    // The index decides who fills it; being second is no error.
    await entries.collection.insertOne(noop).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
  }
}
