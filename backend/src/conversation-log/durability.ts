import type { Types } from 'mongoose';

/** What is read before durability is known: enough to recognise the very same row again. */
export interface AsRead {
  _id: Types.ObjectId;
  conversationId: Types.ObjectId;
  seq: number;
}

/**
 * Makes sure that what was read from a standalone is durable for ever: one journalled write
 * that began after the read, then the same row again. The journal is in order, so all before that row is durable too.
 * @returns false where the row is not there any more, or is another one: whoever read it starts over.
 */
export type Settle = (entry: AsRead) => Promise<boolean>;

export interface DurabilityDeps {
  /** One journalled write to a scratch document. */
  flush: () => Promise<void>;
  /** The `_id` at this place of the log, or null. */
  idAt: (conversationId: Types.ObjectId, seq: number) => Promise<Types.ObjectId | null>;
}

export function createDurability({ flush, idAt }: DurabilityDeps): Settle {
  // Single-flight, but a flush that was already under way when the caller had read proves nothing to them: they
  // wait for the next one, together with all who came meanwhile.
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const flushAfterNow = (): Promise<void> => {
    if (!running) {
      running = flush().finally(() => {
        running = null;
      });
      return running;
    }
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return flushAfterNow();
      });
    return next;
  };

  return async (entry) => {
    await flushAfterNow();
    const found = await idAt(entry.conversationId, entry.seq);
    return found?.equals(entry._id) ?? false;
  };
}
