import type { Logger } from 'pino';
import type { Model } from 'mongoose';
import type { ConversationRow } from './conversations.model.js';
import type { Head } from './head.js';
import { headUpdate } from './head-fields.js';
import { type KnownHeads, writtenBehindMs } from './known-heads.js';
import { isForGood } from './set-aside.js';

const retryAfterMs = 1_000;
export const flushAtOnce = 500;

export interface HeadFlushDeps {
  conversations: Model<ConversationRow>;
  heads: KnownHeads;
  /** Brings one conversation's projections up to its log. */
  repair: (id: string) => Promise<void>;
  log: Logger;
  /** How long a head that is written behind may wait for others to be written with it, in milliseconds. */
  flushAfterMs: number;
}

/** Writes behind: stores the heads that became dirty, many together. */
export function createHeadFlush({ conversations, heads, repair, log, flushAfterMs }: HeadFlushDeps) {
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let closed = false;

  const schedule = (delayMs: number): void => {
    if (timer || closed) return;
    timer = setTimeout(() => {
      timer = undefined;
      flush().catch((error: unknown) => {
        log.warn({ err: error }, 'heads could not be written; trying again');
        clearTimeout(timer);
        timer = undefined;
        schedule(retryAfterMs);
      });
    }, delayMs);
  };

  /** Stores what is dirty. A head stays dirty until its update is known to have matched. */
  function flush(): Promise<void> {
    flushing ??= flushOnce().finally(() => {
      flushing = undefined;
      if (heads.anyDirty()) schedule(flushAfterMs);
    });
    return flushing;
  }

  /**
   * Stores all that is dirty now, also where a flush began before it was.
   * @param concerns where none of the conversations that it says yes to is dirty, nothing is stored.
   */
  async function flushAll(concerns: (id: string) => boolean = () => true): Promise<void> {
    if (!heads.dirty().some(([id]) => concerns(id))) return;
    // Where that one finds the database away, the next one would take as long to find out the same.
    if (flushing) await flushing;
    if (heads.anyDirty()) await flush();
  }

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
    const sure = updates.filter(({ before }) => before !== undefined);
    let matched = 0;
    if (sure.length > 0) {
      const result = await conversations.collection
        .bulkWrite(
          sure.map(({ id, head, before }) => headUpdate(id, head, before)),
          { ordered: false },
        )
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

  return {
    soon: (): void => schedule(flushAfterMs),
    flushAll,
    flushOvertaken,

    /** Stores what is dirty and stops. */
    async close(): Promise<void> {
      clearTimeout(timer);
      timer = undefined;
      closed = true;
      if (flushing) await flushing.catch(() => undefined);
      await flushAll();
    },
  };
}
