import type { Readable } from 'node:stream';
import { limits } from '@sori/contract';
import { AppError } from '../../core/errors.js';
import { type BlobStore, IncompleteError } from '../../files/blob-store.js';
import { bounded } from '../../http/bounded.js';

/** A stretch of an upload that one connection brings. */
export interface Stretch {
  /** Of the bytes. */
  id: string;
  /** Of its first byte. */
  offset: number;
  /** So many bytes are left of what was declared. */
  most: number;
  stream: Readable;
}

const tooMany = (): AppError =>
  new AppError('RATE_LIMITED', `At most ${limits.uploadsReceivedMax} files are received at the same time`);
export const tooLarge = (): AppError => new AppError('TOO_LARGE', 'The file is too large');
const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException | null)?.code ?? '');

/** Takes in the bytes of uploads: few at a time of each person, and from one connection for each upload. */
export function createReceiving() {
  const placesTaken = new Map<string, number>();
  const running = new Map<string, { stream: Readable; ended: Promise<unknown> }>();

  /** Whoever asks for an upload, or goes on with it, has lost the connection that still seems to bring it. */
  async function interrupt(id: string): Promise<void> {
    for (let other = running.get(id); other; other = running.get(id)) {
      other.stream.destroy();
      await other.ended.catch(() => undefined);
    }
  }

  async function write(store: BlobStore, { id, offset, most, stream }: Stretch): Promise<number> {
    try {
      return await store.write(id, offset, bounded(stream, most, tooLarge));
    } catch (error) {
      if (error instanceof IncompleteError)
        throw new AppError('CONFLICT', `The upload goes on at ${error.from}`, { cause: error });
      throw isFull(error) ? new AppError('STORAGE_FULL', 'The disk is full', { cause: error }) : error;
    }
  }

  return {
    interrupt,

    /** Does something that receives bytes of this person's. @throws AppError RATE_LIMITED where too much of that is done */
    async inPlace<Result>(userId: string, work: () => Promise<Result>): Promise<Result> {
      const taken = placesTaken.get(userId) ?? 0;
      if (taken >= limits.uploadsReceivedMax) throw tooMany();
      placesTaken.set(userId, taken + 1);
      try {
        return await work();
      } finally {
        const left = (placesTaken.get(userId) ?? 1) - 1;
        if (left === 0) placesTaken.delete(userId);
        else placesTaken.set(userId, left);
      }
    },

    /**
     * What comes before a connection breaks off is kept.
     * @returns how many bytes of the upload are there, from its beginning
     * @throws AppError TOO_LARGE, CONFLICT where bytes before these are missing, STORAGE_FULL, INVALID where it broke off
     */
    async receive(store: BlobStore, stretch: Stretch): Promise<number> {
      const { id, stream } = stretch;
      await interrupt(id);
      const ended = write(store, stretch);
      const own = { stream, ended };
      running.set(id, own);
      try {
        return await ended;
      } finally {
        if (running.get(id) === own) running.delete(id);
      }
    },

    /** Resolves once nothing is received any more. */
    async ended(): Promise<void> {
      await Promise.allSettled([...running.values()].map(({ ended }) => ended));
    },
  };
}
export type Receiving = ReturnType<typeof createReceiving>;
