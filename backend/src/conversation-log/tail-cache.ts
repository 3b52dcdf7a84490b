import { LRUCache } from 'lru-cache';
import type { Types } from 'mongoose';
import type { EntryRow } from './entries.model.js';

/** The newest entry of a conversation that is known to be durable, with the running values that the next one goes on from. */
export interface Tail {
  seq: number;
  /** Null below the first entry. */
  _id: Types.ObjectId | null;
  /** Milliseconds since 1970. */
  at: number;
  messageCount: number;
  membersVersion: number;
}

export const emptyTail: Tail = { seq: 0, _id: null, at: 0, messageCount: 0, membersVersion: 0 };

export const tailOf = (entry: EntryRow): Tail => ({
  seq: entry.seq,
  _id: entry._id,
  at: entry.at.getTime(),
  messageCount: entry.messageCount,
  membersVersion: entry.membersVersion,
});

/** A conversation into which another server has just appended is taken for one into which it goes on to append, in milliseconds. */
const sharedForMs = 250;

export type TailCache = ReturnType<typeof createTailCache>;

/**
 * What this process knows to be durable, per conversation. A durable tail stays true for ever, so a crash of the
 * database changes nothing here; only the wish to append finds out that another server was faster.
 */
export function createTailCache() {
  const tails = new LRUCache<string, Tail>({ max: 50_000 });
  /** Durable, though perhaps not the newest: what readers settled. */
  const durable = new LRUCache<string, number>({ max: 50_000 });
  const othersAt = new LRUCache<string, number>({ max: 50_000 });
  const waiters = new Map<string, Set<{ seq: number; done: () => void }>>();
  return {
    get: (id: string): Tail | undefined => tails.get(id),
    /** Never less than what is known. */
    set(id: string, tail: Tail): void {
      if (tail.seq >= (tails.get(id)?.seq ?? 0)) tails.set(id, tail);
    },
    /** Another server knows it to be durable. */
    learn(id: string, tail: Tail): void {
      if (tail.seq <= (tails.get(id)?.seq ?? 0)) return;
      tails.set(id, tail);
      othersAt.set(id, performance.now());
      for (const waiter of waiters.get(id) ?? []) if (tail.seq >= waiter.seq) waiter.done();
    },
    /** A number there was taken by another server. */
    markShared: (id: string): void => void othersAt.set(id, performance.now()),
    /** Another server appended there a moment ago. */
    isShared: (id: string): boolean => performance.now() - (othersAt.get(id) ?? -Infinity) < sharedForMs,
    /** Resolves once another server said that this seq is durable, or after so many milliseconds. */
    learned: (id: string, seq: number, ms: number): Promise<void> =>
      new Promise((resolve) => {
        const those = waiters.get(id) ?? new Set();
        const waiter = {
          seq,
          done: (): void => {
            clearTimeout(timer);
            those.delete(waiter);
            if (those.size === 0) waiters.delete(id);
            resolve();
          },
        };
        const timer = setTimeout(waiter.done, ms);
        waiters.set(id, those.add(waiter));
      }),
    /** The next append reads the tail again. What was durable stays so. */
    forget(id: string): void {
      const tail = tails.get(id);
      if (tail && tail.seq > (durable.get(id) ?? 0)) durable.set(id, tail.seq);
      tails.delete(id);
    },
    markDurable(id: string, seq: number): void {
      if (seq > (durable.get(id) ?? 0)) durable.set(id, seq);
    },
    /** Everything up to this seq is durable. */
    durableSeq: (id: string): number => Math.max(tails.get(id)?.seq ?? 0, durable.get(id) ?? 0),
    clear(): void {
      tails.clear();
      durable.clear();
    },
  };
}
