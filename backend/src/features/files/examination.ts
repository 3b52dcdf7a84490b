import type { Types } from 'mongoose';
import { sourceOf, withPath } from '../../files/access.js';
import { type BlobStore, copies } from '../../files/blob-store.js';
import { BrokenFileError } from '../../media/byte-source.js';
import { clean, type Cleaning, mayTellPlace } from '../../media/clean.js';
import { applyPlan, type Plan } from '../../media/plan.js';
import type { Pictures } from '../../media/pictures.js';
import { sniff, type Sniffed, undetected } from '../../media/sniff.js';
import { type Bytes, dayMs } from './bytes.js';
import { type FileRow, type Files, newFileId } from './file.model.js';

export interface ExaminationDeps {
  rows: Pick<Files, 'bytes'>;
  bytes: Pick<Bytes, 'drop'>;
  pictures: Pictures;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** What a file turned out to be, and of which bytes it is made. */
export type Found = Pick<FileRow, 'bytesId' | 'type' | 'inline' | 'size' | 'copies'> &
  Partial<Pick<FileRow, 'width' | 'height' | 'animated' | 'placeholder' | 'mayTellPlace'>>;

/** Looks at what was uploaded, cleans it, and makes small copies of it. */
export function createExamination({ rows, bytes, pictures, now }: ExaminationDeps) {
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

  /**
   * Where the file has to be cleaned, that is written beside it, under another id.
   * @throws TooLargeError
   */
  async function examine(row: FileRow, store: BlobStore): Promise<Found> {
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

  return { examine, letGo };
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
