import type { Store } from '../database/connect.js';
import { type AsRead, createDurability } from './durability.js';
import type { Entries } from './entries.model.js';
import type { TailCache } from './tail-cache.js';

export interface EnsureDurableDeps {
  store: Pick<Store, 'connection' | 'durability'>;
  entries: Entries;
  /** Remember which tails are known to be durable. */
  tails: Pick<TailCache, 'durableSeq' | 'markDurable'>;
}

/** Durability of what was read, on the real database. */
export function createEnsureDurable({ store, entries, tails }: EnsureDurableDeps) {
  const { connection, durability } = store;
  const settle = createDurability({
    async flush() {
      await connection
        .collection<{ _id: string }>('scratch')
        .updateOne({ _id: 'flush' }, { $inc: { count: 1 } }, { upsert: true });
    },
    async idAt(conversationId, seq) {
      const row = await entries.model
        .findOne({ conversationId, seq }, { _id: 1 })
        .read('primary')
        .readConcern(durability.readConcern)
        .lean();
      return row?._id ?? null;
    },
  });

  /** The same for what this process wrote, where the write concern may not have been awaited. */
  async function confirm(entry: AsRead): Promise<boolean> {
    const durable = await settle(entry);
    if (durable) tails.markDurable(entry.conversationId.toHexString(), entry.seq);
    return durable;
  }

  /** True once what was read is durable; false where it vanished. */
  const ensureDurable = async (entry: AsRead): Promise<boolean> =>
    !durability.settles ||
    tails.durableSeq(entry.conversationId.toHexString()) >= entry.seq ||
    confirm(entry);

  return { confirm, ensureDurable };
}
