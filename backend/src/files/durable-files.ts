import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const absent = new Set<unknown>(['ENOENT', 'ENOTDIR']);
export const isAbsent = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && absent.has(error.code);

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

  /** Moves a file that is on disk. */
  async function move(from: string, to: string): Promise<void> {
    await folder(dirname(to));
    await rename(from, to);
    await syncFolder(dirname(to));
  }

  return {
    move,
    /** Removes these files of one folder; whoever is told so does not find them again after a power cut. */
    async remove(paths: readonly string[]): Promise<void> {
      for (const path of paths) await rm(path, { force: true });
      const [first] = paths;
      if (first !== undefined) await syncFolder(dirname(first));
    },
    /** Makes a file that is there whole or not at all. */
    async make(path: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
      await folder(dirname(path));
      const draft = `${path}.${newTag()}.draft`;
      const handle = await open(draft, 'wx', 0o600);
      try {
        await fill(handle);
        await handle.sync();
        await move(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      } finally {
        await handle.close();
      }
    },
  };
}
