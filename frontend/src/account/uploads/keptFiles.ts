import type { Id } from '@sori/contract';
import { openAccountDatabase, type AccountDatabase } from '../../store/accountDatabase';

/** Where the bytes of files are kept that wait to be sent. Every way of it may fail, as storage does. */
export type FilesStorage = {
  put: (id: string, blob: Blob) => Promise<void>;
  get: (id: string) => Promise<Blob | undefined>;
  remove: (ids: readonly string[]) => Promise<void>;
  /** Removes what was left behind: what is older than that, and not among those. */
  sweep: (before: number, wanted: ReadonlySet<string>) => Promise<void>;
  clear: () => Promise<void>;
  close: () => void;
};

export type OpenFiles = (account: Id) => Promise<FilesStorage>;

const storageIn = (database: AccountDatabase): FilesStorage => ({
  put: async (id, blob) => {
    await database.put('files', { id, blob, keptAt: Date.now() });
  },
  get: async (id) => (await database.get('files', id))?.blob,
  remove: async (ids) => {
    const { store, done } = database.transaction('files', 'readwrite');
    await Promise.all([...ids.map((id) => store.delete(id)), done]);
  },
  sweep: async (before, wanted) => {
    const { store, done } = database.transaction('files', 'readwrite');
    for (let cursor = await store.openCursor(); cursor !== null; cursor = await cursor.continue())
      if (cursor.value.keptAt < before && !wanted.has(cursor.key)) await cursor.delete();
    await done;
  },
  clear: () => database.clear('files'),
  close: () => database.close(),
});

export const openKeptFiles: OpenFiles = async (account) => storageIn(await openAccountDatabase(account));
