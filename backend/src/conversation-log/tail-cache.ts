import { LRUCache } from 'lru-cache';
import type { Types } from 'mongoose';
import type { EntryRow } from './entries.model.js';

/** The newest entry of a conversation that is known to be durable, with the running values that the next one goes on from. */
export interface Top {
  seq: number;
  /** Null below the first entry. */
  _id: Types.ObjectId | null;
  /** Milliseconds since 1970. */
  at: number;
  messageCount: number;
  membersVersion: number;
}

export const bottom: Top = { seq: 0, _id: null, at: 0, messageCount: 0, membersVersion: 0 };

export const topOf = (entry: EntryRow): Top => ({
  seq: entry.seq,
  _id: entry._id,
  at: entry.at.getTime(),
  messageCount: entry.messageCount,
  membersVersion: entry.membersVersion,
});

export type Tops = ReturnType<typeof createTops>;

/**
 * What this process knows to be durable, per conversation. A durable top stays true for ever, so a crash of the
 * database changes nothing here; only the wish to append finds out that another server was faster.
 */
export function createTops() {
  const tops = new LRUCache<string, Top>({ max: 50_000 });
  /** Durable, though perhaps not the newest: what readers settled. */
  const durable = new LRUCache<string, number>({ max: 50_000 });
  return {
    get: (id: string): Top | undefined => tops.get(id),
    set(id: string, top: Top): void {
      tops.set(id, top);
    },
    /** The next append reads the top again. What was durable stays so. */
    forget(id: string): void {
      const top = tops.get(id);
      if (top && top.seq > (durable.get(id) ?? 0)) durable.set(id, top.seq);
      tops.delete(id);
    },
    settled(id: string, seq: number): void {
      if (seq > (durable.get(id) ?? 0)) durable.set(id, seq);
    },
    /** Everything up to this seq is durable. */
    durableSeq: (id: string): number => Math.max(tops.get(id)?.seq ?? 0, durable.get(id) ?? 0),
    clear(): void {
      tops.clear();
      durable.clear();
    },
  };
}
