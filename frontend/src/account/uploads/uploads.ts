import { ApiError, backOff, hasItsFiles, isHere, itemOf, itemsOf, passes, toApiError } from '@sori/client';
import type { Outbox, OutboxItem, OutgoingFile } from '@sori/client';
import type { Id } from '@sori/contract';
import type { Clock } from '../../device/clock';
import type { ChosenFile, Store, UploadProgress } from '../../store/state';
import type { OpenFiles } from './keptFiles';
import { createLocalFiles, type LocalFiles } from './localFiles';
import { alone } from './uploadLock';
import { giveUpload, type Upload } from './tusUpload';

/** Of one person: the server takes four at a time. */
const atOnce = 3;
/** So long, in milliseconds, a file is left to the tab that is at it. */
const leaveMs = 5_000;
/** What lies here longer than that, and belongs to nothing, was left behind by a crash. */
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

type Waiting = { item: OutboxItem; file: OutgoingFile };

/** Files whose bytes are not all at the server, in the order of sending. */
const waitingIn = (outbox: Outbox): Waiting[] =>
  itemsOf(outbox).flatMap((item) =>
    item.state !== 'waiting' || hasItsFiles(item)
      ? []
      : (item.files ?? []).flatMap((file) => (file.fileId === undefined ? [{ item, file }] : [])),
  );

const filesOf = (outbox: Outbox): OutgoingFile[] =>
  Object.values(outbox).flatMap((items) => items.flatMap(({ files = [] }) => files));

const sizeOf = (files: readonly Pick<OutgoingFile, 'size'>[]): number =>
  files.reduce((sum, { size }) => sum + size, 0);

const percentOf = (sent: number, size: number): number =>
  size === 0 ? 100 : Math.min(100, Math.floor((sent / size) * 100));

/**
 * Uploads the files of what waits in the outbox, three at a time and in the order of sending; again after a failure that passes,
 * and each from where it broke off, also by the next page. A file that the server does not want makes its message fail.
 */
export const createUploads = (deps: Deps): Uploads => {
  const { store, clock, account, upload, isConnected, leads } = deps;
  const local = createLocalFiles(deps.openFiles(account), clock);
  /** Of messages that this tab wrote. */
  const own = new Set<string>();
  const running = new Map<string, AbortController>();
  const attempts = new Map<string, number>();
  /** What waits for its next try. */
  const held = new Map<string, () => void>();
  const keeping = new Set<Promise<unknown>>();
  const unkept = new Set<string>();
  let stopped = false;

  const progress = (id: string, next: UploadProgress) => {
    const before = store.getState().uploads[id];
    if (before?.state !== next.state || before.percent !== next.percent)
      store.getState().uploadProgressed(id, { ...before, ...next });
  };

  const look = () => {
    if (stopped || !isConnected()) return;
    for (const { item, file } of waitingIn(store.getState().outbox)) {
      if (running.size >= atOnce) return;
      if (!running.has(file.id) && !held.has(file.id)) void attempt(item.clientId, file.id);
    }
  };

  const hold = (id: string, ms: number) => {
    held.set(
      id,
      clock.after(ms, () => {
        held.delete(id);
        look();
      }),
    );
  };

  const attempt = async (clientId: string, id: string) => {
    const given = new AbortController();
    running.set(id, given);
    try {
      const name = `sori-upload-${id}`;
      const isDone = await alone(
        name,
        () => own.has(id) || leads(),
        () => work(clientId, id, given.signal),
      );
      if (isDone) attempts.delete(id);
      else if (!stopped) hold(id, leaveMs);
    } catch (thrown) {
      if (!stopped) failed(clientId, id, toApiError(thrown));
    } finally {
      running.delete(id);
      look();
    }
  };

  const fileOf = (clientId: string, id: string): OutgoingFile | undefined =>
    itemOf(store.getState().outbox, clientId)?.files?.find((file) => file.id === id);

  const work = async (clientId: string, id: string, signal: AbortSignal) => {
    const blob = await local.find(id);
    const file = fileOf(clientId, id);
    if (file === undefined || file.fileId !== undefined || signal.aborted) return;
    if (blob === null)
      throw new ApiError('NOT_FOUND', 'This file is no longer on this device', {
        details: { reason: 'fileGone' },
      });
    progress(id, { state: 'sending', percent: store.getState().uploads[id]?.percent ?? 0 });
    const { fileId, mayTellPlace } = await upload({
      blob,
      name: file.name,
      type: file.type,
      url: file.url,
      began: (url) => {
        if (fileOf(clientId, id)?.url !== url) store.getState().fileUploaded(clientId, id, { url });
      },
      progressed: (sent) => {
        attempts.delete(id);
        // Whole is what the server says of it, and not what was sent.
        progress(id, { state: 'sending', percent: Math.min(99, percentOf(sent, blob.size)) });
      },
      pause: (ms) => new Promise((done) => clock.after(ms, done)),
      signal,
    });
    if (signal.aborted) return;
    local.alsoCalled(id, fileId);
    store.getState().uploadProgressed(id, { state: 'done', percent: 100, mayTellPlace });
    if (mayTellPlace)
      store.getState().uploadProgressed(fileId, { state: 'done', percent: 100, mayTellPlace });
    store.getState().fileUploaded(clientId, id, { fileId });
  };

  const failed = (clientId: string, id: string, error: ApiError) => {
    if (itemOf(store.getState().outbox, clientId)?.state !== 'waiting') return;
    if (passes(error)) {
      const before = attempts.get(id) ?? 0;
      attempts.set(id, before + 1);
      progress(id, { state: 'queued', percent: store.getState().uploads[id]?.percent ?? 0 });
      hold(id, Math.max(error.retryAfterMs ?? 0, backOff(before, clock.random)));
      return;
    }
    progress(id, { state: 'failed', percent: 0 });
    // What the server refused it does not take a second time under the same address.
    store.getState().fileUploaded(clientId, id, { url: undefined, fileId: undefined });
    store.getState().messageRefused(clientId, error);
  };

  const keptChanged = () => store.getState().keepingChanged('files', unkept.size === 0);

  const left = (before: Outbox, now: Outbox) => {
    const here = new Set(filesOf(now).map(({ id }) => id));
    const waiting = new Set(waitingIn(now).map(({ file }) => file.id));
    for (const [id, given] of running) if (!waiting.has(id)) given.abort();
    for (const item of Object.values(before).flat()) {
      const gone = (item.files ?? []).filter(({ id }) => !here.has(id));
      if (gone.length === 0) continue;
      // What was sent is shown as it lies here; what was thrown away the server need not keep.
      if (isHere(item)) for (const { url } of gone) if (url !== undefined) giveUpload(url);
      for (const { id } of gone) {
        unkept.delete(id);
        own.delete(id);
        attempts.delete(id);
        held.get(id)?.();
        held.delete(id);
      }
      local.forget(
        gone.map(({ id }) => id),
        !isHere(item),
      );
      keptChanged();
    }
  };

  const unsubscribe = store.subscribe((state, before) => {
    if (stopped || state.outbox === before.outbox) return;
    left(before.outbox, state.outbox);
    look();
  });

  return {
    url: local.url,
    find: local.find,
    take: (files) => {
      const besides = sizeOf(filesOf(store.getState().outbox));
      files.forEach(({ id, blob }, index) => {
        own.add(id);
        local.hold(id, blob);
        progress(id, { state: 'queued', percent: 0 });
        const kept = local.keep(id, besides + sizeOf(files.slice(0, index))).then((isKept) => {
          if (isKept || stopped || !own.has(id)) return;
          unkept.add(id);
          keptChanged();
        });
        keeping.add(kept);
        void kept.finally(() => keeping.delete(kept));
      });
    },
    loaded: () => {
      local.sweep(Date.now() - leftBehindMs, new Set(filesOf(store.getState().outbox).map(({ id }) => id)));
      look();
    },
    resume: () => {
      for (const cancel of held.values()) cancel();
      held.clear();
      attempts.clear();
      look();
    },
    kept: async () => {
      await Promise.all(keeping);
    },
    stop: (forget) => {
      stopped = true;
      unsubscribe();
      for (const cancel of held.values()) cancel();
      for (const given of running.values()) given.abort();
      local.stop(forget);
    },
  };
};
