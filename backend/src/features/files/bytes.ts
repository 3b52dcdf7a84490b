import type { Types } from 'mongoose';
import type { BlobStore, Home } from '../../files/blob-store.js';
import type { BytesRow, Files } from './file.model.js';

export interface BytesDeps {
  rows: Files['bytes'];
  /** Where bytes of that home are. */
  storeOf: (home: Home) => BlobStore;
  /** Milliseconds since 1970. */
  now: () => number;
}

export type Bytes = ReturnType<typeof createBytes>;

/** So long what refers to bytes may take to be stored, in milliseconds; then the sweeper looks whether it was. */
export const dayMs = 24 * 60 * 60 * 1_000;

/** Bytes, as long as a file is made of them: several rows may share some, and the last one takes them along. */
export function createBytes({ rows, storeOf, now }: BytesDeps) {
  /** Condemned first, so that no file is made over them any more; whoever does this twice does it once. */
  async function deleteUnused(bytesId: Types.ObjectId): Promise<void> {
    const condemned = await rows
      .findOneAndUpdate({ _id: bytesId, refs: [] }, { $set: { condemned: true } })
      .lean();
    if (!condemned) return;
    await storeOf(condemned.home).delete(bytesId.toHexString());
    await rows.deleteOne({ _id: bytesId });
  }

  return {
    /** One more file is about to be made over them. @returns false where they are gone, or about to be */
    async share(bytesId: Types.ObjectId, fileId: Types.ObjectId): Promise<boolean> {
      const dueAt = new Date(now() + dayMs);
      const { matchedCount } = await rows.updateOne(
        { _id: bytesId, condemned: null },
        { $addToSet: { refs: fileId }, $set: { dueAt } },
      );
      return matchedCount === 1;
    },

    /** This file is not made of them any more. With the last one they are deleted. */
    async drop(bytesId: Types.ObjectId, fileId: Types.ObjectId): Promise<void> {
      await rows.updateOne({ _id: bytesId }, { $pull: { refs: fileId } });
      await deleteUnused(bytesId);
    },

    /**
     * Looks whether files are made of them, and deletes them otherwise: a program that was killed leaves such behind.
     * @param isMadeOf the state of these files, of those that are made of them
     */
    async check(
      { _id, refs, dueAt }: BytesRow,
      isMadeOf: (fileIds: readonly Types.ObjectId[]) => Promise<Map<string, string>>,
    ): Promise<void> {
      const states = await isMadeOf(refs);
      const gone = refs.filter((ref) => !states.has(ref.toHexString()));
      const isReady = [...states.values()].every((state) => state === 'ready');
      const next = isReady ? { $unset: { dueAt: '' } } : { $set: { dueAt: new Date(now() + dayMs) } };
      // Whoever began to share them meanwhile has moved the time on.
      await rows.updateOne({ _id, dueAt }, { $pull: { refs: { $in: gone } }, ...next });
      await deleteUnused(_id);
    },
  };
}
