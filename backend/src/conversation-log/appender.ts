import { Types } from 'mongoose';
import type { Logger } from 'pino';
import { reasonOf, type Waiting } from './append.js';
import { createAppendAnswers } from './append-answers.js';
import { createAppendFailures } from './append-failures.js';
import { type BatchesHooks, createBatches } from './batches.js';
import { createAppendQueue } from './append-queue.js';
import type { AsRead } from './durability.js';
import type { Entries, EntryRow, MessageRow } from './entries.model.js';
import type { Heads } from './heads.js';
import { createRepeats } from './repeats.js';
import type { TailCache } from './tail-cache.js';
import { createTurns } from './turns.js';

export interface AppenderDeps {
  entries: Entries;
  tails: TailCache;
  heads: Heads;
  /** The newest entry of a conversation as it is now read. */
  readTail: (conversationId: Types.ObjectId) => Promise<EntryRow | null>;
  /** True once what was read is durable; false where it vanished. */
  ensureDurable: (entry: AsRead) => Promise<boolean>;
  /** The same for what this process wrote, where the write concern may not have been awaited. */
  confirm: (entry: AsRead) => Promise<boolean>;
  /** Says that an entry is in the log for good. Never throws. */
  publish: (entry: EntryRow, target?: MessageRow) => void;
  /** The messages that changes among these entries of one conversation point to, as they now are, by seq. */
  targetsOf: (
    conversationId: Types.ObjectId,
    entries: readonly EntryRow[],
  ) => Promise<Map<number, MessageRow>>;
  /** A batch is in the log: so many entries, and the milliseconds that the insert took. */
  appended?: ((entries: number, took: number) => void) | undefined;
  /** Whether other servers say what they appended. Default: there are none. */
  hearsOthers?: (() => boolean) | undefined;
  log: Logger;
  now: () => number;
  random?: () => number;
  hooks?: BatchesHooks;
}

export type Appender = ReturnType<typeof createAppender>;

/**
 * The only thing that inserts into `entries`. Appends that wait while an insert is in flight go
 * into the next one together. An insert of n + 1 is only tried once n is known to be durable, so the log has no holes.
 */
export function createAppender(deps: AppenderDeps) {
  const { entries, tails, heads, readTail, ensureDurable, confirm, targetsOf, publish, log, now } = deps;
  const { random = Math.random, hooks = {}, appended = nothing, hearsOthers = () => false } = deps;
  const queue = createAppendQueue({ log, now, ready: () => pump() });
  const insertTakes = (): number => insertMs;
  const turns = createTurns({ tails, hearsOthers, insertTakes, random });
  const { nextBatch } = createBatches({
    queue,
    tails,
    turns,
    readTail,
    ensureDurable,
    now,
    hooks,
    insertAlone,
  });
  const repeats = createRepeats({ entries, heads, ensureDurable, targetsOf, publish });
  const stored = createAppendAnswers({ queue, tails, turns, heads, targetsOf, publish });
  const stopped = createAppendFailures({
    queue,
    tails,
    hearsOthers,
    repeats,
    stored,
    confirm,
    insertTakes,
    log,
    now,
    random,
  });
  /** As the latest ones took, each new one counting for a tenth. */
  let insertMs = 0;
  let pumping = false;
  let running: Promise<void> = Promise.resolve();

  function pump(): void {
    if (pumping) return;
    pumping = true;
    // What arrives in this turn of the event loop shares the batch.
    running = new Promise((resolve) => setImmediate(resolve))
      .then(run)
      .catch((error: unknown) => log.error({ reason: reasonOf(error) }, 'the appender failed'));
  }

  /** The next batch is on its way to the database before those of the last one are published and answered. */
  async function run(): Promise<void> {
    try {
      let answerLast = nothing;
      for (;;) {
        const batch = nextBatch();
        const writing = batch.length > 0 ? write(batch) : undefined;
        // The driver hands it over within this turn of the event loop.
        if (writing) await new Promise((resume) => setImmediate(resume));
        answerLast();
        if (!writing) return;
        answerLast = await writing;
      }
    } finally {
      pumping = false;
    }
  }

  /** @returns what is left to do once they are durable: publishing and answering. */
  async function write(batch: readonly Waiting[]): Promise<() => void> {
    const rows = batch.map((item) => item.row).filter((row) => row !== undefined);
    try {
      const began = performance.now();
      // Ordered: an entry that is refused in the middle stops what follows it, or its number would become a hole.
      await entries.collection.insertMany(rows, { ordered: true });
      const took = performance.now() - began;
      insertMs += (took - insertMs) / 10;
      appended(rows.length, took);
      queue.databaseAnswered();
      return stored(batch);
    } catch (error) {
      await stopped(batch, error);
      return nothing;
    }
  }

  /** What one conversation has, beside all other inserts. */
  async function insertAlone(batch: readonly Waiting[]): Promise<void> {
    const answer = await write(batch);
    answer();
  }

  return {
    append: queue.append,
    turns,

    repeatOf: repeats.repeatOf,
    isStored: repeats.isStored,

    /** How many entries wait to be appended. */
    waiting: queue.waiting,

    /** Nothing new is taken; resolves once all that waited was published and answered, or after `timeoutMs`. */
    async close(timeoutMs: number): Promise<void> {
      if (await queue.close(timeoutMs)) await running;
    },
  };
}

const nothing = (): void => undefined;
