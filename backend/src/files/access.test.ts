import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { photo, place } from '@sori/testkit/media';
import { Types } from 'mongoose';
import { clean } from '../media/clean.js';
import { createPictures } from '../media/pictures.js';
import { applyPlan } from '../media/plan.js';
import { sniff } from '../media/sniff.js';
import { startS3 } from '../testing/s3.js';
import { sourceOf, withPath } from './access.js';
import type { BlobStore } from './blob-store.js';
import { createDiskStore } from './disk.js';
import { createS3Store } from './s3.js';

const newId = (): string => new Types.ObjectId().toHexString();

async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

async function openFolder(): Promise<{ store: BlobStore; close: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'sori-files-'));
  return { store: createDiskStore(root), close: () => rm(root, { recursive: true, force: true }) };
}

async function openBucket(): Promise<{ store: BlobStore; close: () => Promise<void> }> {
  const { settings, close } = await startS3();
  return { store: createS3Store(settings), close };
}

it.each([
  ['a folder', openFolder],
  ['a bucket', openBucket],
])('a photograph in %s is known, cleaned and made small', async (_, open) => {
  const { store, close } = await open();
  try {
    const [sent, id] = [await photo({ width: 1_200, height: 900, orientation: 8 }), newId()];
    await store.write(id, 0, bodyOf(sent));
    await store.finish(id, sent.length);
    const source = sourceOf(store, id, sent.length);
    const { type } = await sniff(source);
    const cleaning = await clean(source, type);
    if (!cleaning) throw new Error(`${type} cannot be cleaned`);

    const cleaned = newId();
    const { size } = cleaning.plan;
    await store.write(
      cleaned,
      0,
      applyPlan(cleaning.plan, (start, end) => store.read(id, { start, end })),
    );
    await store.finish(cleaned, size);
    expect(Buffer.from(await sourceOf(store, cleaned, size).read(0, size)).includes(place)).toBe(false);

    let lent = '';
    const picture = await withPath(store, cleaned, size, (path) => {
      lent = path;
      return createPictures().look(path, cleaning.frames ?? 1);
    });
    expect(picture).toMatchObject({ width: 900, height: 1_200, animated: false });
    // A file that lies in a folder is not copied, and a copy is gone afterwards.
    expect(existsSync(lent)).toBe(store.home === 'disk');
  } finally {
    await close();
  }
});
