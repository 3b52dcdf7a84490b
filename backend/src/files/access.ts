import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ByteSource } from '../media/byte-source.js';
import type { BlobStore } from './blob-store.js';
import type { DiskStore } from './disk.js';

/** A finished file, for what looks at parts of it. */
export const sourceOf = (store: BlobStore, id: string, size: number): ByteSource => ({
  size,
  async read(start, end) {
    const pieces: Uint8Array[] = [];
    for await (const piece of await store.read(id, { start, end })) pieces.push(piece as Uint8Array);
    return Buffer.concat(pieces);
  },
});

const isOnDisk = (store: BlobStore): store is DiskStore => store.home === 'disk';

/**
 * Lends a finished file to what reads files by their paths: where it lies, or a copy that is gone afterwards. Nobody writes to
 * it, and nobody keeps the path.
 * @param size of the file, in bytes
 */
export async function withPath<Result>(
  store: BlobStore,
  id: string,
  size: number,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  if (isOnDisk(store)) return work(store.pathOf(id));
  const folder = await mkdtemp(join(tmpdir(), 'sori-file-'));
  try {
    const path = join(folder, 'file');
    await pipeline(await store.read(id, { start: 0, end: size }), createWriteStream(path, { mode: 0o600 }));
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
