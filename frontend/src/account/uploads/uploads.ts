import { ApiError, hasItsFiles, isHere, itemOf, itemsOf } from '@sori/client';
import type { Outbox, OutgoingFile } from '@sori/client';
import type { Id } from '@sori/contract';
import type { Clock } from '../../device/clock';
import type { Store } from '../../store/state';
import type { ChosenFile, UploadProgress } from '../../store/uploads';
import type { OpenFiles } from './keptFiles';
import { createLocalFiles, type LocalFiles } from './localFiles';
import { giveUpload, type Upload } from './tusUpload';
import { createUploadQueue, type Waiting } from './uploadQueue';

/** What lies here longer than that, in milliseconds, and belongs to nothing, was left behind by a crash. */
const leftBehindMs = 3_600_000;

export type Uploads = Pick<LocalFiles, 'url' | 'find'> & {
  /** They go with a message that is about to be written. */
  take: (files: readonly ChosenFile[]) => void;
  /** What was waiting is in the outbox: whatever else is kept here is not wanted. */
  loaded: () => void;
  /** The line is there again. */
  resume: () => void;
  /** Settles when everything that was taken is kept on this device, as far as it can be. */
  kept: () => Promise<void>;
  /** With `forget`, this device keeps no file. */
  stop: (forget: boolean) => void;
};

type Deps = {
  store: Store;
  clock: Clock;
  account: Id;
  openFiles: OpenFiles;
  upload: Upload;
  isConnected: () => boolean;
  /** Whether this tab works for all, where the browser has no locks. */
  leads: () => boolean;
};

/** Files whose bytes are not all at the server, in the order of sending. */
const waitingIn = (outbox: Outbox): Waiting[] =>
  itemsOf(outbox).flatMap(({ clientId, state, files = [] }) =>
    state !== 'waiting' || hasItsFiles({ files })
      ? []
      : files.flatMap(({ id, fileId }) => (fileId === undefined ? [{ clientId, id }] : [])),
  );

const filesOf = (outbox: Outbox): OutgoingFile[] =>
  Object.values(outbox).flatMap((items) => items.flatMap(({ files = [] }) => files));

const sizeOf = (files: readonly Pick<OutgoingFile, 'size'>[]): number =>
  files.reduce((sum, { size }) => sum + size, 0);

/** Whole is what the server says of it, and not what was sent. */
const percentOf = (sent: number, size: number): number =>
  Math.min(99, Math.floor((sent / Math.max(1, size)) * 100));

/**
 * Uploads the files of what waits in the outbox, in the order of sending, each from where it broke off, also by the next page. A
 * file that the server does not want makes its message fail.
 */
export const createUploads = (deps: Deps): Uploads => {
  const { store, clock, upload } = deps;
  const local = createLocalFiles(deps.openFiles(deps.account), clock);
  const keeping = keepTaken(store, local);

  const progress = (id: string, next: Partial<UploadProgress>) => {
    const before = store.getState().uploads[id] ?? { state: 'queued', percent: 0 };
    const after = { ...before, ...next };
    if (after.state !== before.state || after.percent !== before.percent)
      store.getState().uploadProgressed(id, after);
  };
  const fileOf = ({ clientId, id }: Waiting): OutgoingFile | undefined =>
    itemOf(store.getState().outbox, clientId)?.files?.find((file) => file.id === id);

  const work = async ({ clientId, id }: Waiting, signal: AbortSignal) => {
    const blob = await local.find(id);
    const file = fileOf({ clientId, id });
    if (file === undefined || file.fileId !== undefined) return;
    if (blob === null)
      throw new ApiError('NOT_FOUND', 'This file is no longer on this device', {
        details: { reason: 'fileGone' },
      });
    progress(id, { state: 'sending' });
    const { fileId, mayTellPlace } = await upload({
      blob,
      name: file.name,
      type: file.type,
      url: file.url,
      began: (url) => {
        if (fileOf({ clientId, id })?.url !== url) store.getState().fileUploaded(clientId, id, { url });
      },
      progressed: (sent) => {
        const percent = percentOf(sent, blob.size);
        if (percent > (store.getState().uploads[id]?.percent ?? 0)) queue.advanced(id);
        progress(id, { state: 'sending', percent });
      },
      pause: (ms) => new Promise((done) => clock.after(ms, done)),
      signal,
    });
    local.alsoCalled(id, fileId);
    for (const one of mayTellPlace ? [id, fileId] : [id])
      store.getState().uploadProgressed(one, { state: 'done', percent: 100, mayTellPlace });
    store.getState().fileUploaded(clientId, id, { fileId });
  };

  const queue = createUploadQueue({
    clock,
    isConnected: deps.isConnected,
    waiting: () => waitingIn(store.getState().outbox),
    work,
    mayWithoutLock: (id) => keeping.isOwn(id) || deps.leads(),
    waits: (id) => progress(id, { state: 'queued' }),
    refused: ({ clientId, id }, error) => {
      progress(id, { state: 'failed', percent: 0 });
      // What the server refused it does not take a second time under the same address.
      store.getState().fileUploaded(clientId, id, { url: undefined, fileId: undefined });
      store.getState().messageRefused(clientId, error);
    },
  });

  const left = (before: Outbox, now: Outbox) => {
    const here = new Set(filesOf(now).map(({ id }) => id));
    for (const item of Object.values(before).flat()) {
      const gone = (item.files ?? []).filter(({ id }) => !here.has(id));
      if (gone.length === 0) continue;
      // What was sent is shown as it lies here; what was thrown away the server need not keep.
      const isSent = !isHere(item);
      if (!isSent) for (const { url } of gone) if (url !== undefined) giveUpload(url);
      keeping.letGo(gone.map(({ id }) => id));
      local.forget(
        gone.map(({ id }) => id),
        isSent,
      );
    }
  };
  const unsubscribe = store.subscribe((state, before) => {
    if (state.outbox === before.outbox) return;
    left(before.outbox, state.outbox);
    queue.look();
  });

  return {
    url: local.url,
    find: local.find,
    take: keeping.take,
    loaded: () => {
      const wanted = new Set(filesOf(store.getState().outbox).map(({ id }) => id));
      local.sweep(clock.now() - leftBehindMs, wanted);
      queue.look();
    },
    resume: queue.resume,
    kept: keeping.kept,
    stop: (forget) => {
      unsubscribe();
      queue.stop();
      local.stop(forget);
    },
  };
};

/** What this tab took is held by it, and kept on the device as far as there is room; what is not, the page says. */
const keepTaken = (store: Store, local: LocalFiles) => {
  const own = new Set<string>();
  const unkept = new Set<string>();
  const keeping = new Set<Promise<unknown>>();
  const tell = () => store.getState().keepingChanged('files', unkept.size === 0);

  const keep = async (id: string, besides: number) => {
    const isKept = await local.keep(id, besides);
    if (isKept || !own.has(id)) return;
    unkept.add(id);
    tell();
  };
  return {
    isOwn: (id: string) => own.has(id),
    take: (files: readonly ChosenFile[]) => {
      const besides = sizeOf(filesOf(store.getState().outbox));
      files.forEach(({ id, blob }, index) => {
        own.add(id);
        local.hold(id, blob);
        const kept = keep(id, besides + sizeOf(files.slice(0, index)));
        keeping.add(kept);
        void kept.finally(() => keeping.delete(kept));
      });
    },
    letGo: (ids: readonly string[]) => {
      for (const id of ids) {
        own.delete(id);
        unkept.delete(id);
      }
      tell();
    },
    kept: async () => {
      await Promise.all(keeping);
    },
  };
};
