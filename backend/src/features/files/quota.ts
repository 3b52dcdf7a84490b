import type { Model, Types } from 'mongoose';
import { AppError } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { BytesRow } from './file.model.js';

export interface QuotaDeps {
  bytes: Model<BytesRow>;
  /** In bytes; 0: as much as there is room for. */
  mostBytesPerUser: number;
  mostBytesOfAll: number;
  /** Milliseconds since some moment. */
  elapsed: () => number;
}

export type Quota = ReturnType<typeof createQuota>;

/** The sum of all is believed for so long, in milliseconds: others delete, and other servers add. */
const sumMs = 30_000;
/** Before somebody is refused it is made again, but not more often than this. */
const sumAgainMs = 2_000;

const full = (): AppError => new AppError('STORAGE_FULL', 'There is no space left for this file');

/** How much may be kept. The rows of bytes are what is counted, from before the first byte is there. */
export function createQuota({ bytes, mostBytesPerUser, mostBytesOfAll, elapsed }: QuotaDeps) {
  const inOrder = createSerializeByKey();
  let known: { sum: number; at: number } | undefined;

  async function sumOf(filter: { ownerId?: Types.ObjectId }): Promise<number> {
    // With the owner in it, so that it is read from the index alone.
    const pipeline = [
      { $match: filter },
      { $project: { _id: 0, ownerId: 1, size: 1 } },
      { $group: { _id: null, sum: { $sum: '$size' } } },
    ];
    const [found] = await bytes.aggregate<{ sum: number }>(pipeline);
    return found?.sum ?? 0;
  }

  async function sumOfAll(olderThanMs: number): Promise<{ sum: number; at: number }> {
    if (!known || elapsed() - known.at >= olderThanMs) known = { sum: await sumOf({}), at: elapsed() };
    return known;
  }

  async function reserveOfAll(size: number, insert: () => Promise<void>): Promise<void> {
    let all = await sumOfAll(sumMs);
    if (all.sum + size > mostBytesOfAll) all = await sumOfAll(sumAgainMs);
    if (all.sum + size > mostBytesOfAll) throw full();
    await insert();
    all.sum += size;
  }

  return {
    /**
     * To be called for one person one after the other.
     * @param insert makes the row that counts so many bytes
     * @throws AppError STORAGE_FULL
     */
    async reserve(ownerId: Types.ObjectId, size: number, insert: () => Promise<void>): Promise<void> {
      if (mostBytesPerUser > 0 && (await sumOf({ ownerId })) + size > mostBytesPerUser) throw full();
      if (mostBytesOfAll === 0) await insert();
      else await inOrder('all', () => reserveOfAll(size, insert));
    },
  };
}
