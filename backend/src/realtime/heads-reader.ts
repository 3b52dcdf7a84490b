import type { Heads } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import { mongo } from 'mongoose';
import { isDatabaseAway, unavailable } from '../core/errors.js';

/** Where the conversations of these people end. Whoever is missing from the answer has none. */
export type HeadsOf = (userIds: readonly string[]) => Promise<ReadonlyMap<string, Heads>>;

interface Waiter {
  resolve: (heads: Heads) => void;
  reject: (error: unknown) => void;
}

/** A person, and all of theirs who wait for the same reading. */
interface Asked {
  userId: string;
  waiters: Waiter[];
}

const peopleAtOnce = 200;
/** Conversations in one question: some milliseconds of the database's. */
const rowsAtOnce = 5_000;
/** How many somebody is taken to have of whom nothing is known yet. */
const usually = 50;
const remembered = 100_000;

/** A database that is away says nothing of the question, other than one that took too long over it. */
const mayBeTooMuch = (error: unknown): boolean =>
  error instanceof mongo.MongoNetworkTimeoutError ||
  error instanceof mongo.MongoOperationTimeoutError ||
  !isDatabaseAway(error);

export type HeadsReader = ReturnType<typeof createHeadsReader>;

/**
 * Reads the heads of many people in few questions, one after the other: a hint is never worth crowding out a send. Who has
 * thousands of conversations is asked about with few others. A person has one reading to wait for: whoever asks while it has
 * not begun shares it, and whoever asks after that is behind all others who wait.
 */
export function createHeadsReader(headsOf: HeadsOf) {
  /** Who has just come, and who is only to be reminded; in the order in which they asked, and nobody in both. */
  const first = new Map<string, Asked>();
  const later = new Map<string, Asked>();
  const sizes = new LRUCache<string, number>({ max: remembered });
  const sizeOf = (userId: string): number => sizes.get(userId) ?? usually;
  let reading = false;

  function nextBatch(): Asked[] {
    const batch: Asked[] = [];
    let rows = 0;
    for (const line of [first, later]) {
      for (const asked of line.values()) {
        if (batch.length >= peopleAtOnce || rows >= rowsAtOnce) return batch;
        line.delete(asked.userId);
        batch.push(asked);
        rows += sizeOf(asked.userId);
      }
    }
    return batch;
  }

  async function readBatch(batch: readonly Asked[]): Promise<void> {
    const userIds = batch.map(({ userId }) => userId);
    try {
      const all = await headsOf(userIds);
      for (const { userId, waiters } of batch) {
        const heads = all.get(userId);
        if (heads) sizes.set(userId, heads.heads.length);
        for (const { resolve, reject } of waiters) {
          if (heads) resolve(heads);
          else reject(unavailable());
        }
      }
    } catch (error) {
      // With fewer others next time.
      if (mayBeTooMuch(error))
        for (const userId of userIds) sizes.set(userId, Math.min((sizeOf(userId) + 1) * 4, rowsAtOnce));
      for (const { reject } of batch.flatMap(({ waiters }) => waiters)) reject(error);
    }
  }

  async function run(): Promise<void> {
    if (reading) return;
    reading = true;
    // What is asked in this turn of the event loop is asked together.
    await Promise.resolve();
    for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) await readBatch(batch);
    reading = false;
  }

  /** @param waits somebody has just come and is sent nothing before that */
  return function read(userId: string, waits: boolean): Promise<Heads> {
    return new Promise((resolve, reject) => {
      const asked = first.get(userId) ?? later.get(userId) ?? { userId, waiters: [] };
      asked.waiters.push({ resolve, reject });
      if (waits) later.delete(userId);
      if (waits) first.set(userId, asked);
      else if (!first.has(userId)) later.set(userId, asked);
      void run();
    });
  };
}
