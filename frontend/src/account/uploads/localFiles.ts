import { waitedFor } from '@sori/client';
import type { Clock } from '../../device/clock';
import type { FilesStorage } from './keptFiles';

/** All together, in bytes: what this device keeps of files that wait. */
const keptAtMost = 100 * 2 ** 20;
/** So many pictures that were sent are still shown as they are here, and not asked of the server. */
const shownAtMost = 60;

export type LocalFiles = {
  /** Holds it as long as the page is there. */
  hold: (id: string, blob: Blob) => void;
  /** Keeps it on this device, over reloads, if there is room beside that many bytes of others. @returns whether it does */
  keep: (id: string, besides: number) => Promise<boolean>;
  find: (id: string) => Promise<Blob | null>;
  /** Where the page can show it; null where it is not at hand. It has that name from now on, too. */
  url: (id: string) => string | null;
  /** The server knows it by that id. */
  alsoCalled: (id: string, fileId: string) => void;
  /** It need not be kept any longer: it was sent, or is not wanted. */
  forget: (ids: readonly string[], shown: boolean) => void;
  /** Forgets what is older than that and not among those. */
  sweep: FilesSweep;
  stop: (forget: boolean) => void;
};

type FilesSweep = (before: number, wanted: ReadonlySet<string>) => void;

/** The bytes of files that are chosen, on their way, or were just sent from here. */
export const createLocalFiles = (opened: Promise<FilesStorage>, clock: Pick<Clock, 'after'>): LocalFiles => {
  const held = new Map<string, Blob>();
  const urls = new Map<string, string>();
  /** A promise that nobody waits for must not be an error of the page. */
  opened.catch(() => undefined);
  const quietly = (act: (storage: FilesStorage) => Promise<void>) => {
    void opened.then(act).catch(() => undefined);
  };

  const letGo = (id: string) => {
    const url = urls.get(id);
    urls.delete(id);
    held.delete(id);
    if (url !== undefined && ![...urls.values()].includes(url)) URL.revokeObjectURL(url);
  };

  return {
    hold: (id, blob) => held.set(id, blob),
    keep: async (id, besides) => {
      const blob = held.get(id);
      if (blob === undefined || besides + blob.size > keptAtMost) return false;
      let isKept = false;
      const kept = opened
        .then((storage) => storage.put(id, blob))
        .then(() => {
          isKept = true;
        });
      await waitedFor(clock, kept, 30_000);
      return isKept;
    },
    find: async (id) => {
      const here = held.get(id);
      if (here !== undefined) return here;
      let found: Blob | undefined;
      const looked = opened
        .then((storage) => storage.get(id))
        .then((blob) => {
          found = blob;
        });
      await waitedFor(clock, looked);
      if (found !== undefined) held.set(id, found);
      return found ?? null;
    },
    url: (id) => {
      const blob = held.get(id);
      const url = urls.get(id) ?? (blob === undefined ? undefined : URL.createObjectURL(blob));
      if (url !== undefined) urls.set(id, url);
      return url ?? null;
    },
    alsoCalled: (id, fileId) => {
      const blob = held.get(id);
      if (blob?.type.startsWith('image/') !== true) return;
      const url = urls.get(id) ?? URL.createObjectURL(blob);
      urls.set(id, url);
      urls.set(fileId, url);
    },
    forget: (ids, shown) => {
      quietly((storage) => storage.remove(ids));
      for (const id of ids) {
        held.delete(id);
        if (!shown) letGo(id);
      }
      while (urls.size > shownAtMost) letGo(urls.keys().next().value ?? '');
    },
    sweep: (before, wanted) => quietly((storage) => storage.sweep(before, wanted)),
    stop: (forget) => {
      for (const id of [...urls.keys()]) letGo(id);
      held.clear();
      void opened
        .then(async (storage) => {
          if (forget) await storage.clear();
          storage.close();
        })
        .catch(() => undefined);
    },
  };
};
