import { chmod, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { engineData, mongodData } from './machine.js';

interface WarningLog {
  warn(details: object, message: string): void;
}

const secrets = ['jwt-secret', 'metrics-token', 'admin-code', 'run.json'];
/** What we put into our folder ourselves, drafts included, and what a volume of its own brings. */
const ours = /^(?:(?:jwt-secret|metrics-token|admin-code|run\.json)(?:\..*)?|db|mongod|run|lost\+found)$/;
/** Set for folders in which everybody may put things, like `/tmp`. */
const sticky = 0o1000;

/** Whether others than their owner may do anything with it. */
const isOpen = (mode: number): boolean => (mode & 0o077) !== 0;

/** Closes a file or folder to everybody else. False where it is open and not ours to close. */
async function close(path: string, kind: 'file' | 'folder', uid: number): Promise<boolean> {
  // Symbolic links are followed: what counts is whose the thing itself is.
  const found = await stat(path).catch(() => null);
  if (found === null || !(kind === 'file' ? found.isFile() : found.isDirectory())) return true;
  if (!isOpen(found.mode)) return true;
  if (found.uid !== uid) return false;
  return chmod(path, kind === 'file' ? 0o600 : 0o700).then(
    () => true,
    () => false,
  );
}

/** Whether the folder is there for us alone, and not somebody's home, `/` or a folder for everybody. */
async function isOurFolder(folder: string): Promise<boolean> {
  try {
    const names = await readdir(folder);
    return ((await stat(folder)).mode & sticky) === 0 && names.every((name) => ours.test(name));
  } catch {
    return false;
  }
}

/**
 * At every start, since a restore from a backup brings rights of its own: what `dataDir` holds is closed to everybody but
 * us, and the folder itself where it is there for us alone. What belongs to another owner is left, with one warning.
 */
export async function keepPrivate(
  dataDir: string,
  log: WarningLog,
  uid: number | undefined = process.getuid?.(),
): Promise<void> {
  const folder = await realpath(dataDir).catch(() => null);
  // There is nothing yet, or the system has no such rights (Windows).
  if (folder === null || uid === undefined) return;
  const closed = await Promise.all([
    ...[engineData(folder), mongodData(folder)].map((path) => close(path, 'folder', uid)),
    ...secrets.map((name) => close(join(folder, name), 'file', uid)),
    (await isOurFolder(folder)) ? close(folder, 'folder', uid) : true,
  ]);
  if (closed.every(Boolean)) return;
  log.warn(
    { dataDir },
    'Other users of this machine may read parts of DATA_DIR, which belong to another owner',
  );
}
