import { randomBytes } from 'node:crypto';
import { type FileHandle, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
export const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(String(codeOf(error)));
const isThere = (error: unknown): boolean => codeOf(error) === 'EEXIST';

/** A name that nobody else takes. */
export const newTag = (): string => randomBytes(6).toString('hex');

/** The size of this file; null where there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** What was made, renamed or removed in this folder is so after a power cut as well. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes files that outlive a power cut, in folders below `root`. */
export function durableFiles(root: string) {
  /** What this process made sure of. Whoever comes second waits for the first one's folder to be on disk. */
  const folders = new Map<string, Promise<void>>();

  async function makeFolder(path: string): Promise<void> {
    if (path !== root) await folder(root);
    await mkdir(path, { recursive: true, mode: 0o700 });
    // Also where it was there: whoever made it may have been killed before this.
    await syncFolder(dirname(path));
  }

  function folder(path: string): Promise<void> {
    const known = folders.get(path);
    if (known) return known;
    const made = makeFolder(path);
    folders.set(path, made);
    made.catch(() => folders.delete(path));
    return made;
  }

  return {
    /** Gives a file that is on disk another name, unless there is a file of that name: then that one stays. */
    async link(from: string, to: string): Promise<void> {
      await folder(dirname(to));
      try {
        await link(from, to);
      } catch (error) {
        if (!isThere(error)) throw error;
      }
      await syncFolder(dirname(to));
    },
    /** Removes these files of one folder; whoever is told so does not find them again after a power cut. */
    async remove(paths: readonly string[]): Promise<void> {
      for (const path of paths) await rm(path, { force: true });
      const [first] = paths;
      if (first !== undefined) await syncFolder(dirname(first));
    },
    /** Makes a file that is there whole or not at all, in the place of one of that name. */
    async make(path: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
      await folder(dirname(path));
      const draft = `${path}.${newTag()}.draft`;
      const handle = await open(draft, 'wx', 0o600);
      try {
        await fill(handle);
        await handle.sync();
        await rename(draft, path);
        await syncFolder(dirname(path));
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      } finally {
        await handle.close();
      }
    },
  };
}
