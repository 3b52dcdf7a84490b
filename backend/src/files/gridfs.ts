import { mongo } from 'mongoose';
import { createGate } from '../core/gate.js';
import type { Store } from '../database/connect.js';
import { deleteByTurns } from '../database/delete-in-batches.js';
import { isDuplicateKey } from '../database/duplicate-key.js';
import { type BlobStore, type Copy, MissingError } from './blob-store.js';
import { type Chunk, type ChunkHome, createChunkedStore } from './chunked.js';

/** The collection of all bytes, and its indexes; both begin with the file, by which it is sharded. */
export const blobCollection = 'blobs';
export const blobIndexes = { place: 'place', sizes: 'sizes' } as const;

/**
 * A row of `blobs`. `bytes` are chunks of a file, `thumb` and `display` its copies, in one row each; `end` and `whole` have no
 * bytes: the one is written behind all chunks, the other once they were all found.
 */
interface BlobRow {
  file: mongo.ObjectId;
  part: 'bytes' | 'end' | 'whole' | Copy;
  at: number;
  /** Of the bytes; for `end` and `whole` of the file. */
  size: number;
  bytes?: mongo.Binary;
}

const mebibyte = 1024 * 1024;
/** More at once would be in the way of those who send messages. */
const [writesAtOnce, readsAtOnce] = [3, 2];
/** Faster by half; `finish` finds out what was lost. */
const undurable = { writeConcern: { w: 1, j: false } } as const;

const rowId = (id: string): mongo.ObjectId => mongo.ObjectId.createFromHexString(id);

/** Some of the bytes of a row, as they lie in what the database answered. */
function bytesIn(row: BlobRow | null, start: number, end: number): Buffer | null {
  if (!row?.bytes) return null;
  const { buffer, byteOffset, byteLength } = row.bytes.buffer;
  return Buffer.from(buffer, byteOffset, byteLength).subarray(start, end);
}

/**
 * Files in the database, in the manner of GridFS: chunks of a mebibyte. They are found by their first byte instead of a number,
 * because an upload that broke off goes on within a chunk; so `mongodump` takes them along, and `mongofiles` does not know them.
 */
function gridfsHome(store: Store): ChunkHome {
  const rows = store.connection.collection<BlobRow>(blobCollection);
  const reads = store.reads.collection<BlobRow>(blobCollection);
  const [writing, reading] = [createGate({ atOnce: writesAtOnce }), createGate({ atOnce: readsAtOnce })];

  const mark = async (id: string, part: 'end' | 'whole', size: number): Promise<void> => {
    await rows.updateOne({ file: rowId(id), part, at: 0 }, { $set: { size } }, { upsert: true });
  };

  async function sizeOf(id: string, at: number): Promise<number> {
    const row = await rows.findOne(
      { file: rowId(id), part: 'bytes', at },
      { projection: { _id: 0, size: 1 }, hint: blobIndexes.sizes },
    );
    if (!row) throw new MissingError(id);
    return row.size;
  }

  return {
    home: 'gridfs',
    chunkBytes: mebibyte,

    add: (id, at, bytes) =>
      writing.run(async () => {
        const row: BlobRow = {
          file: rowId(id),
          part: 'bytes',
          at,
          size: bytes.length,
          bytes: new mongo.Binary(bytes),
        };
        try {
          await rows.insertOne(row, undurable);
          return bytes.length;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          return sizeOf(id, at);
        }
      }),

    async look(id) {
      // By the index alone: the rows are a mebibyte each.
      const found = await rows
        .find(
          { file: rowId(id) },
          { projection: { _id: 0, part: 1, at: 1, size: 1 }, hint: blobIndexes.sizes },
        )
        .toArray();
      return {
        chunks: found.filter(({ part }) => part === 'bytes').map(({ at, size }): Chunk => ({ at, size })),
        finished: found.find(({ part }) => part === 'whole')?.size ?? null,
      };
    },

    // On the same shard as the chunks and behind all of them: what makes it durable makes them so as well.
    settle: (id, size) => mark(id, 'end', size),
    seal: (id, chunks) =>
      mark(
        id,
        'whole',
        chunks.reduce((sum, { size }) => sum + size, 0),
      ),

    get: (id, { at }, start, end) =>
      reading.run(async () =>
        bytesIn(
          await reads.findOne({ file: rowId(id), part: 'bytes', at }, { hint: blobIndexes.place }),
          start,
          end,
        ),
      ),

    async putCopy(id, copy, bytes) {
      const place = { file: rowId(id), part: copy, at: 0 };
      const row = { size: bytes.length, bytes: new mongo.Binary(bytes) };
      await rows.updateOne(place, { $set: row }, { upsert: true });
    },

    getCopy: (id, copy, start, end) =>
      reading.run(async () =>
        bytesIn(
          await reads.findOne({ file: rowId(id), part: copy, at: 0 }, { hint: blobIndexes.place }),
          start,
          end,
        ),
      ),

    async *ids() {
      // From file to file along the index.
      let after: mongo.ObjectId | undefined;
      for (;;) {
        const [row]: Pick<BlobRow, 'file'>[] = await reads
          .find(after ? { file: { $gt: after } } : {}, {
            projection: { _id: 0, file: 1 },
            hint: blobIndexes.sizes,
          })
          .sort({ file: 1, part: 1, at: 1 })
          .limit(1)
          .toArray();
        if (!row) return;
        after = row.file;
        yield after.toHexString();
      }
    },

    async delete(id) {
      await deleteByTurns({ db: store.connection, collection: rows as never }, { file: rowId(id) });
    },
  };
}

export const createGridfsStore = (store: Store): BlobStore => createChunkedStore(gridfsHome(store));
