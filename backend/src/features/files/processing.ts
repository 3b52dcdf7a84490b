import type { Types } from 'mongoose';
import { createGate } from '../../core/gate.js';
import { sourceOf, withPath } from '../../files/access.js';
import { type BlobStore, copies } from '../../files/blob-store.js';
import type { Homes } from '../../files/homes.js';
import { BrokenFileError, TooLargeError } from '../../media/byte-source.js';
import { clean, type Cleaning, mayTellPlace } from '../../media/clean.js';
import { applyPlan, type Plan } from '../../media/plan.js';
import type { Pictures } from '../../media/pictures.js';
import { sniff, type Sniffed, undetected } from '../../media/sniff.js';
import { type Bytes, dayMs } from './bytes.js';
import { type FileRow, type Files, newFileId } from './file.model.js';

export interface ProcessingDeps {
  rows: Files;
  homes: Homes;
  bytes: Pick<Bytes, 'drop'>;
  pictures: Pictures;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** What a file turned out to be, of which bytes it is made, and how large they are with their copies. */
type Found = Pick<FileRow, 'bytesId' | 'type' | 'inline' | 'size' | 'copies'> &
  Partial<Pick<FileRow, 'width' | 'height' | 'animated' | 'placeholder' | 'mayTellPlace'>>;

/** More at once would take the processor away from those who send messages. */
const atOnce = 2;

/** What is whole is looked at, cleaned, and made small copies of. */
export function createProcessing({ rows, homes, bytes, pictures, now }: ProcessingDeps) {
  const { files } = rows;
  const gate = createGate({ atOnce });

  /** Writes the cleaned file beside the other one, whose place it takes at the end. */
  async function cleanedBytes(row: FileRow, store: BlobStore, plan: Plan): Promise<Types.ObjectId> {
    const _id = newFileId();
    const id = _id.toHexString();
    await rows.bytes.create({
      _id,
      home: row.home,
      ownerId: row.ownerId,
      size: plan.size,
      refs: [row._id],
      dueAt: new Date(now() + dayMs),
    });
    const original = row.bytesId.toHexString();
    await store.write(
      id,
      0,
      applyPlan(plan, (start, end) => store.read(original, { start, end })),
    );
    await store.finish(id, plan.size);
    return _id;
  }

  async function lookAt(row: FileRow, store: BlobStore): Promise<Found> {
    const { bytesId, size, declaredType } = row;
    const source = sourceOf(store, bytesId.toHexString(), size);
    const sniffed = await sniff(source, declaredType);
    const { type, inline } = sniffed;
    let found: Found = { bytesId, size, type, inline, copies: {} };
    try {
      const cleaning = await clean(source, type);
      if (cleaning && !cleaning.plan.unchanged) {
        found.bytesId = await cleanedBytes(row, store, cleaning.plan);
        found.size = cleaning.plan.size;
      }
      if (cleaning?.mayTellPlace ?? mayTellPlace(type)) found.mayTellPlace = true;
      if (sniffed.kind === 'picture') found = { ...found, ...(await pictureOf(found, store, cleaning)) };
      return found;
    } catch (error) {
      if (!(error instanceof BrokenFileError)) {
        await letGo(row, found);
        throw error;
      }
      return brokenOf(found, sniffed);
    }
  }

  async function pictureOf(
    { bytesId, size }: Found,
    store: BlobStore,
    cleaning: Cleaning | null,
  ): Promise<Partial<Found>> {
    const id = bytesId.toHexString();
    const { width, height, animated, placeholder, ...small } = await withPath(store, id, size, (path) =>
      pictures.look(path, cleaning?.frames ?? 1),
    );
    const made: FileRow['copies'] = {};
    for (const copy of copies) {
      const picture = small[copy];
      if (!picture) continue;
      await store.put(id, copy, picture.bytes);
      made[copy] = { size: picture.bytes.length, type: picture.type };
    }
    return { width, height, placeholder, copies: made, ...(animated && { animated }) };
  }

  /** The cleaned bytes are nobody's. */
  async function letGo(row: FileRow, { bytesId }: Pick<Found, 'bytesId'>): Promise<void> {
    if (!bytesId.equals(row.bytesId)) await bytes.drop(bytesId, row._id);
  }

  /** @returns false where somebody else was first, or it was deleted meanwhile */
  async function store(row: FileRow, found: Found): Promise<boolean> {
    const { matchedCount } = await files.updateOne(
      { _id: row._id, state: 'processing', bytesId: row.bytesId, condemnedAt: null },
      {
        $set: { ...found, state: 'ready', dueAt: new Date(now() + dayMs) },
        $unset: { processingUntil: '', tries: '' },
      },
    );
    if (matchedCount === 0) {
      await letGo(row, found);
      return false;
    }
    const small = Object.values(found.copies).reduce((sum, { size }) => sum + size, 0);
    await rows.bytes.updateOne(
      { _id: found.bytesId },
      { $set: { size: found.size + small }, $unset: { dueAt: '' } },
    );
    if (!found.bytesId.equals(row.bytesId)) await bytes.drop(row.bytesId, row._id);
    return true;
  }

  async function refuse(row: FileRow): Promise<void> {
    const { matchedCount } = await files.updateOne(
      { _id: row._id, state: 'processing', bytesId: row.bytesId },
      { $set: { state: 'refused', code: 'TOO_LARGE' }, $unset: { processingUntil: '', tries: '' } },
    );
    if (matchedCount === 1) await bytes.drop(row.bytesId, row._id);
  }

  return {
    /**
     * Of a whole upload, which is this server's to process: it is ready or refused afterwards.
     * @throws IncompleteError where bytes are missing after all
     */
    process: (row: FileRow): Promise<void> =>
      gate.run(async () => {
        const home = homes.of(row.home);
        await home.finish(row.bytesId.toHexString(), row.size);
        try {
          await store(row, await lookAt(row, home));
        } catch (error) {
          if (!(error instanceof TooLargeError)) throw error;
          await refuse(row);
        }
      }),
  };
}

/** What is not what it begins like is a file that nobody opens here; it was not, or not wholly, cleaned. */
const brokenOf = ({ bytesId, size }: Found, { type }: Sniffed): Found => ({
  bytesId,
  size,
  type: undetected,
  inline: false,
  copies: {},
  ...(/^(?:image|video)\//.test(type) && { mayTellPlace: true }),
});
