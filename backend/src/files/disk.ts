import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type BlobStore, type Copy, IncompleteError, MissingError, requireId } from './blob-store.js';
import { openPart, partsIn, type Stretch, stretchesOf, takePart } from './disk-part.js';
import { durableFiles, isAbsent, newTag, sizeOf } from './durable-files.js';

/** As streams of files read by themselves; more is no faster. */
const readAtOnce = 64 * 1024;
/** A part may be taken over by another connection between being found and being moved. */
const finishTries = 3;

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

export interface DiskStore extends BlobStore {
  /** Where a finished file lies, for what reads files by their paths. Nobody writes there. */
  pathOf(id: string): string;
}

/**
 * Files in a folder: one for each, in 256 folders by the end of its id (the beginning is the time). An upload has a folder with
 * its parts, and where it never broke off, its one part becomes the file by a rename.
 * @param root absolute; made where it is missing; no other process writes there
 */
export function createDiskStore(root: string): DiskStore {
  const files = durableFiles(root);
  const folderOf = (id: string): string => join(root, requireId(id).slice(-2));
  const pathOf = (id: string, copy?: Copy): string =>
    join(folderOf(id), copy === undefined ? id : `${id}.${copy}`);
  const uploadOf = (id: string): string => join(root, 'uploads', requireId(id));

  async function length(id: string): Promise<number> {
    const whole = await sizeOf(pathOf(id));
    if (whole !== null) return whole;
    const end = stretchesOf(await partsIn(uploadOf(id))).at(-1)?.end ?? 0;
    // Finished meanwhile, it has no parts any more.
    return (await sizeOf(pathOf(id))) ?? end;
  }

  /** Puts the file together where more than one part makes it up, or somebody may still write into the only one. */
  async function compose(id: string, stretches: readonly Stretch[]): Promise<void> {
    const draft = `${pathOf(id)}.${newTag()}.whole`;
    await files.make(draft, async (handle) => {
      for (const { part, start, end } of stretches) {
        const range = { start: start - part.at, end: end - part.at - 1 };
        for await (const bytes of createReadStream(join(uploadOf(id), part.name), range)) {
          await handle.writeFile(bytes as Buffer);
        }
      }
    });
    await files.link(draft, pathOf(id));
    await rm(draft, { force: true });
  }

  async function putTogether(id: string, size: number): Promise<void> {
    const stretches = stretchesOf(await partsIn(uploadOf(id)));
    const end = stretches.at(-1)?.end ?? 0;
    if (end < size) throw new IncompleteError(end);
    if (end > size) throw new RangeError(`There are ${end} bytes of ${size}`);
    const [only] = stretches;
    const isAlone = stretches.length === 1 && only?.part.closed === true;
    const taken = isAlone && (await takePart(uploadOf(id), only.part));
    if (taken) await files.link(join(uploadOf(id), taken.name), pathOf(id));
    else await compose(id, stretches);
  }

  return {
    home: 'disk',
    pathOf: (id) => pathOf(id),
    length,

    async write(id, offset, bytes) {
      const there = await length(id);
      if (offset > there) throw new IncompleteError(there);
      if ((await sizeOf(pathOf(id))) !== null) return there;
      try {
        const part = await openPart(uploadOf(id), offset);
        try {
          for await (const some of bytes) await part.append(some);
        } finally {
          await part.close();
        }
      } catch (error) {
        // Another connection brought the rest and the file was finished, or it was deleted.
        if (isAbsent(error)) throw new MissingError(id);
        throw error;
      }
      return length(id);
    },

    async finish(id, size) {
      for (let tries = 1; (await sizeOf(pathOf(id))) === null; tries += 1) {
        try {
          await putTogether(id, size);
        } catch (error) {
          // Somebody else may have finished it, and then there are no parts any more.
          const isDone = (await sizeOf(pathOf(id))) !== null;
          if (!isDone && (!isAbsent(error) || tries === finishTries)) throw error;
        }
      }
      await rm(uploadOf(id), { recursive: true, force: true });
    },

    async put(id, copy, bytes) {
      await files.make(pathOf(id, copy), (handle) => handle.writeFile(bytes));
    },

    async read(id, { start, end, copy }) {
      let handle: FileHandle;
      try {
        handle = await open(pathOf(id, copy), 'r');
      } catch (error) {
        if (isAbsent(error)) throw new MissingError(id);
        throw error;
      }
      if (end > start) return handle.createReadStream({ start, end: end - 1, highWaterMark: readAtOnce });
      await handle.close();
      return Readable.from([]);
    },

    async *ids() {
      const uploads = await namesIn(join(root, 'uploads'));
      yield* uploads;
      const begun = new Set(uploads);
      for (const folder of (await namesIn(root)).filter((name) => name.length === 2)) {
        const ids = new Set((await namesIn(join(root, folder))).map((name) => name.slice(0, 24)));
        for (const id of ids) if (!begun.has(id)) yield id;
      }
    },

    async delete(id) {
      await rm(uploadOf(id), { recursive: true, force: true });
      // The file, its copies, and what a killed server left of making them.
      const names = (await namesIn(folderOf(id))).filter((name) => name.startsWith(id));
      await files.remove(names.map((name) => join(folderOf(id), name)));
    },
  };
}
