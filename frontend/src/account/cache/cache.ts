import { waitedFor } from '@sori/client';
import type { Entry, Id } from '@sori/contract';
import type { CacheChange } from './keptConversations';
import type { KeptConversation } from '../../store/accountDatabase';
import type { CacheStorage } from './cacheStorage';
import { myId, type State, type Store } from '../../store/state';
import type { Window, WindowPage } from '../../store/window';
import type { Clock } from '../../device/clock';
import { createKeptPages, type KeptPages } from './keptPages';
import { createUnwritten } from './unwritten';

/** A burst of entries makes a few transactions, not hundreds. */
const gatherMs = 200;
/** Nobody waits longer for what the browser keeps; the network is asked instead. Without one there is nobody to ask. */
const patienceMs = 1_500;
const patienceOfflineMs = 15_000;

type Deps = {
  store: Store;
  clock: Clock;
  storage: Promise<CacheStorage>;
  /** How far the log of that conversation was followed, and in which life of the database. Null: not, or not known. */
  cursorOf: (conversationId: Id) => number | null;
  epoch: () => string | null;
  /** What is kept was shown. Not called where nothing is. */
  restored: (epoch: string, cursors: readonly { conversationId: Id; cursor: number }[]) => void;
  /** The list was not waited for any more, and did not have these: whether they are still there has to be asked. */
  late: (conversationIds: readonly Id[]) => void;
  /** Everything that others said there, up to that seq, is on this device now. */
  stored: (conversationId: Id, seq: number) => void;
};

export type Cache = {
  /** What was kept is in the store, or there is nothing to wait for. Never fails. */
  ready: Promise<void>;
  /** The log went on, and the store has it. */
  applied: (conversationId: Id, entries: readonly Entry[]) => void;
  /**
   * The newest page of a conversation that is followed is asked for, so that it can be read without network; what is
   * returned is to be called with it. It may have been read before what the log tells here meanwhile.
   */
  fetching: (conversationId: Id) => (page: WindowPage) => void;
  newest: KeptPages['newest'];
  expect: KeptPages['expect'];
  forget: (conversationId: Id) => void;
  clear: () => void;
  /** It is known now in which life of the database all this is: what waited for that is written. */
  epochReceived: () => void;
  /** Nothing is written any more; with `forget`, nothing is left either. */
  stop: (forget: boolean) => void;
};

/** Not where it was only opened, or asked for more: then there is nothing to write. */
const hasOthers = (window: Window | undefined, before: Window | undefined): boolean =>
  window?.messages !== before?.messages ||
  window?.notices !== before?.notices ||
  window?.hasOlder !== before?.hasOlder ||
  window?.hasNewer !== before?.hasNewer;

const changedBetween = (before: State, state: State): Id[] => {
  const changed =
    state.conversations === before.conversations
      ? []
      : Object.entries(state.conversations).filter(([id, held]) => held !== before.conversations[id]);
  // A page of history came. What the log tells comes by `applied`.
  const open = state.open?.conversationId;
  const isPage = open !== undefined && hasOthers(state.windows[open], before.windows[open]);
  return [...changed.map(([id]) => id), ...(isPage ? [open] : [])];
};

const notifyStored = ({ store, stored }: Deps, { conversationId, messages }: CacheChange): void => {
  const me = myId(store.getState());
  let last = 0;
  for (const { seq, senderId } of messages) if (senderId !== me) last = Math.max(last, seq);
  if (last > 0) stored(conversationId, last);
};

/** @returns those that the store did not have; null where there is nothing to show. */
const restoreInto = (deps: Deps, kept: readonly KeptConversation[]): Id[] | null => {
  // Whatever is of another life than the latest was left behind by a tab that had not heard yet.
  const epoch = kept[0]?.epoch;
  if (epoch === undefined) return null;
  // Of another life than the one that was told meanwhile: nothing of it counts.
  if ((deps.epoch() ?? epoch) !== epoch) return null;
  const alive = kept.filter((one) => one.epoch === epoch);
  const { conversations: known, keptConversationsCame } = deps.store.getState();
  const unknown = alive.map(({ conversationId }) => conversationId).filter((id) => known[id] === undefined);
  keptConversationsCame(alive.map(({ held }) => held));
  deps.restored(epoch, alive);
  return unknown;
};

/** One write after the other; a browser that keeps nothing must not stop the page. */
const createQueue = (storage: Promise<CacheStorage>) => {
  let work: Promise<unknown> = storage.catch(() => undefined);
  const idle = (): Promise<void> => work.then(() => undefined);
  const queue = (task: (opened: CacheStorage) => Promise<unknown>): Promise<void> => {
    const done = work.then(() => storage).then(task);
    work = done.catch(() => undefined);
    return idle();
  };
  return { queue, idle };
};

/** Keeps on this device what the store knows of conversations, and their newest messages whether or not they are open. */
export const createCache = (deps: Deps): Cache => {
  const { store, clock, storage } = deps;
  const dirty = new Set<Id>();
  let cancel: (() => void) | null = null;
  let stopped = false;
  let isLate = false;
  const { queue, idle } = createQueue(storage);

  const mark = (conversationId: Id) => {
    dirty.add(conversationId);
    flushSoon();
  };

  const flushSoon = () => {
    if (!stopped) cancel ??= clock.after(gatherMs, () => void flush());
  };

  const unwritten = createUnwritten({ cursorOf: deps.cursorOf, changed: mark });
  const pages = createKeptPages({
    ...deps,
    // What this tab knows of others is not waited for.
    written: (conversationId) => (dirty.has(conversationId) ? flush() : idle()),
    shown: unwritten.shownAsKept,
  });

  const flush = (): Promise<void> => {
    cancel?.();
    cancel = null;
    const epoch = deps.epoch();
    if (stopped || epoch === null || dirty.size === 0) return idle();
    const state = store.getState();
    const changes = [...dirty].flatMap((id) => unwritten.changeOf(state, id, epoch) ?? []);
    dirty.clear();
    unwritten.handedOver();
    return queue(async (opened) => {
      await opened.write(changes).catch((error: unknown) => {
        unwritten.notWritten();
        throw error;
      });
      if (!isStopped()) for (const change of changes) notifyStored(deps, change);
    });
  };
  const isStopped = () => stopped;

  const restore = async (): Promise<void> => {
    const kept = await (await storage).conversations();
    const unknown = stopped ? null : restoreInto(deps, kept);
    if (unknown === null) return;
    if (isLate) deps.late(unknown);
    isLate = false;
  };

  const unsubscribe = store.subscribe((state, before) => {
    for (const id of changedBetween(before, state)) mark(id);
  });

  const patience = () => (navigator.onLine ? patienceMs : patienceOfflineMs);
  /** Null where the browser did not give it in time, or has never given anything yet. */
  const soon = async (page: Promise<WindowPage | null>): Promise<WindowPage | null> =>
    (await waitedFor(clock, page, isLate ? 0 : patience())) ? page : null;

  return {
    ready: waitedFor(clock, restore(), patience()).then((inTime) => {
      isLate = !inTime;
    }),
    applied: unwritten.applied,
    fetching: unwritten.fetching,
    newest: (conversationId) => soon(pages.newest(conversationId)),
    expect: pages.expect,
    forget: (conversationId) => {
      pages.forget();
      dirty.delete(conversationId);
      unwritten.forget(conversationId);
      void queue((opened) => opened.forget([conversationId]));
    },
    clear: () => {
      pages.forget();
      dirty.clear();
      unwritten.clear();
      void queue((opened) => opened.clear());
    },
    epochReceived: () => {
      if (dirty.size > 0) flushSoon();
    },
    stop: (forgetAll) => {
      unsubscribe();
      if (!forgetAll) void flush();
      stopped = true;
      cancel?.();
      if (forgetAll) void queue((opened) => opened.clear());
      void queue((opened) => {
        opened.close();
        return Promise.resolve();
      });
    },
  };
};
