import type { Model } from 'mongoose';
import type { ConversationRow } from './conversations.model.js';
import type { Head } from './head.js';
import { headUpdate } from './head-fields.js';
import { type KnownHeads, writtenBehindMs } from './known-heads.js';
import { isForGood } from './set-aside.js';

export const flushAtOnce = 500;

export interface HeadWritesDeps {
  conversations: Model<ConversationRow>;
  heads: KnownHeads;
  /** Brings one conversation's projections up to its log. */
  repair: (id: string) => Promise<void>;
}

/** Stores heads that became dirty, many together. */
export function createHeadWrites({ conversations, heads, repair }: HeadWritesDeps) {
  /** Stores what is dirty. A head stays dirty until its update is known to have matched. */
  async function flushOnce(): Promise<void> {
    // Only what is dirty now: under steady traffic there is always more, and it may wait for its own turn.
    const all = heads.dirty();
    for (let start = 0; start < all.length; start += flushAtOnce) {
      await flushBatch(all.slice(start, start + flushAtOnce));
    }
  }

  async function flushBatch(batch: [id: string, head: Head][]): Promise<void> {
    const updates = batch
      .map(([id, head]) => ({ id, head, before: heads.stored(id)?.seq }))
      // Somebody repaired this one since it became dirty.
      .filter(({ head, before }) => before === undefined || before < head.seq);
    const sure = updates.flatMap(({ id, head, before }) =>
      before === undefined ? [] : [headUpdate(id, head, before)],
    );
    let matched = 0;
    if (sure.length > 0) {
      const result = await conversations.collection
        .bulkWrite(sure, { ordered: false })
        .catch((error: unknown) => {
          // One that cannot be stored: the others are, and each is looked at below.
          if (!isForGood(error)) throw error;
          return { matchedCount: 0 };
        });
      matched = result.matchedCount;
    }
    // bulkWrite returns only a sum: where it falls short, each is looked at again.
    const stored = matched < updates.length ? await storedSeqs(updates.map(({ id }) => id)) : undefined;
    for (const { id, head } of updates) {
      const seq = stored ? stored.get(id) : head.seq;
      if (seq === undefined) heads.vanished(id);
      else if (seq >= head.seq) heads.isStored(id, head);
      // Counts as stored only if that stores it; otherwise it stays dirty and has its turn again.
      else await repair(id);
    }
  }

  /**
   * A head of this time is about to be stored. What is dirty and was last stored long before it (the clock was set forward)
   * would not be looked for any more after a crash, so it is stored first. It stays dirty: the next flush finds it there.
   */
  async function flushOvertaken(by: Head, own: string): Promise<void> {
    // From here on nothing so old is written behind any more.
    heads.isAsLateAs(by.at.getTime());
    const updates = heads.dirty().flatMap(([id, head]) => {
      const stored = heads.stored(id);
      const overtaken = stored && by.at.getTime() - stored.at.getTime() >= writtenBehindMs;
      return id !== own && overtaken ? [headUpdate(id, head, stored.seq)] : [];
    });
    if (updates.length === 0) return;
    await conversations.collection.bulkWrite(updates, { ordered: false }).catch((error: unknown) => {
      // One of those cannot be stored: nothing is the matter with this one. The next flush finds out which it was.
      if (!isForGood(error)) throw error;
    });
  }

  async function storedSeqs(ids: string[]): Promise<Map<string, number>> {
    const rows = await conversations.find({ _id: { $in: ids } }, { appliedSeq: 1 }).lean();
    return new Map(rows.map((row) => [row._id.toHexString(), row.appliedSeq]));
  }

  return { flushOnce, flushOvertaken };
}
