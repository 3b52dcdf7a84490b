import { keepingOwn, messageOf, type Notice, noticesIn, noticesJoined, waitedFor } from '@sori/client';
import { versions, type Entry, type Id, type Message } from '@sori/contract';
import { isOutgrown, keptMessages, peopleAt, type CacheChange } from '../store/cache';
import type { CacheStorage } from '../store/cacheStorage';
import { myId, type State } from '../store/state';
import type { Store } from '../store/store';
import type { Window, WindowPage } from '../store/window';
import type { Clock } from '../device/clock';

/** A burst of entries makes a few transactions, not hundreds. */
const gatherMs = 200;
/** Fewer than these do not fill a screen: then the newest page is asked for too. */
export const screenful = 30;
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
  /** What is kept of its newest messages, as far as this tab followed it; null where there is nothing to show. */
  newest: (conversationId: Id) => Promise<WindowPage | null>;
  /** `newest` is about to be asked for: begins to look, and answers it with what was found unless the log went on. */
  expect: (conversationId: Id) => void;
  forget: (conversationId: Id) => void;
  clear: () => void;
  /** It is known now in which life of the database all this is: what waited for that is written. */
  epochTold: () => void;
  /** Nothing is written any more; with `forget`, nothing is left either. */
  stop: (forget: boolean) => void;
};

type Learned = { from: number; messages: Map<number, Message>; notices: readonly Notice[] };
/** What the window knows; `written` of it lies in storage, as far as this tab knows. */
type Run = Learned & { written: readonly Message[] };

/** What was found for a conversation that may be opened in a moment, and how far its log was followed then. */
type Expected = {
  conversationId: Id;
  cursor: number | null;
  epoch: string | null;
  page: Promise<WindowPage | null>;
};

/** Not where it was only opened, or asked for more: then there is nothing to write. */
const hasOthers = (window: Window | undefined, before: Window | undefined): boolean =>
  window?.messages !== before?.messages ||
  window?.notices !== before?.notices ||
  window?.hasOlder !== before?.hasOlder ||
  window?.hasNewer !== before?.hasNewer;

/** Keeps on this device what the store knows of conversations, and their newest messages whether or not they are open. */
export const createCache = (deps: Deps): Cache => {
  const { store, clock, storage } = deps;
  const dirty = new Set<Id>();
  const learned = new Map<Id, Learned>();
  /** The messages of each window as they were last written. */
  const writtenOf = new Map<Id, ReadonlySet<Message>>();
  /** What the log told of a conversation while a page of it was on its way. */
  const toldMeanwhile = new Map<Id, Map<number, Message>>();
  let expected: Expected | null = null;
  let cancel: (() => void) | null = null;
  let stopped = false;
  let isLate = false;
  /** One write after the other; a browser that keeps nothing must not stop the page. */
  let work: Promise<unknown> = storage.catch(() => undefined);
  const queue = (task: (opened: CacheStorage) => Promise<unknown>): Promise<void> => {
    const done = work.then(() => storage).then(task);
    work = done.catch(() => undefined);
    return work.then(() => undefined);
  };

  const learn = (
    conversationId: Id,
    from: number,
    messages: readonly (Message | null)[],
    notices: readonly Notice[],
  ) => {
    const before = learned.get(conversationId) ?? { from, messages: new Map<number, Message>(), notices: [] };
    before.from = Math.min(before.from, from);
    before.notices = noticesJoined(before.notices, notices);
    for (const message of messages)
      if (message !== null)
        before.messages.set(message.seq, keepingOwn(message, before.messages.get(message.seq)));
    learned.set(conversationId, before);
    mark(conversationId);
  };

  const mark = (conversationId: Id) => {
    dirty.add(conversationId);
    flushSoon();
  };

  const flushSoon = () => {
    if (!stopped) cancel ??= clock.after(gatherMs, () => void flush());
  };

  /** What the open, or lately open, window knows beyond what the log told since. */
  const runOf = (state: State, conversationId: Id, firstSeq: number): Run | null => {
    const window = state.windows[conversationId];
    if (window?.loaded !== true || window.hasNewer) return null;
    const run = window.messages.slice(-keptMessages);
    const reachesBack = !window.hasOlder && run.length === window.messages.length;
    const from = reachesBack ? firstSeq : (run[0]?.seq ?? Number.POSITIVE_INFINITY);
    const before = writtenOf.get(conversationId);
    writtenOf.set(conversationId, new Set(run));
    return {
      from,
      messages: new Map(run.filter((message) => before?.has(message) !== true).map((one) => [one.seq, one])),
      written: run.filter((message) => before?.has(message) === true),
      notices: window.notices.filter(({ seq }) => seq >= from),
    };
  };

  const changeOf = (state: State, conversationId: Id, epoch: string): CacheChange | null => {
    const held = state.conversations[conversationId];
    const cursor = deps.cursorOf(conversationId);
    if (held === undefined || cursor === null) return null;
    const told = learned.get(conversationId);
    const run = runOf(state, conversationId, held.conversation.firstSeq);
    const messages = new Map(run?.messages);
    for (const [seq, message] of told?.messages ?? [])
      messages.set(seq, keepingOwn(message, messages.get(seq)));
    const notices = noticesJoined(told?.notices ?? [], run?.notices ?? []).filter(({ seq }) => seq <= cursor);
    // Two people know each other's names from their conversation.
    const isOfMore = held.conversation.kind !== 'direct';
    const written = run?.written ?? [];
    return {
      conversationId,
      epoch,
      build: versions.build,
      cursor,
      held,
      people: isOfMore ? peopleAt(state.people, [...messages.values(), ...written], notices) : [],
      from: Math.min(told?.from ?? cursor + 1, run?.from ?? cursor + 1, cursor + 1),
      // A page may have been ahead of the log as it was followed.
      messages: [...messages.values()].filter(({ seq }) => seq <= cursor),
      written: written.filter(({ seq }) => seq <= cursor),
      notices,
    };
  };

  const flush = (): Promise<void> => {
    cancel?.();
    cancel = null;
    const epoch = deps.epoch();
    if (stopped || epoch === null || dirty.size === 0) return work.then(() => undefined);
    const state = store.getState();
    const changes = [...dirty].flatMap((id) => changeOf(state, id, epoch) ?? []);
    dirty.clear();
    learned.clear();
    return queue(async (opened) => {
      await opened.write(changes).catch((error: unknown) => {
        // None of it is there: all of what is shown is to be written with the next one.
        writtenOf.clear();
        throw error;
      });
      if (!isStopped()) for (const change of changes) tellStored(change);
    });
  };
  const isStopped = () => stopped;

  const tellStored = ({ conversationId, messages }: CacheChange) => {
    const me = myId(store.getState());
    let last = 0;
    for (const { seq, senderId } of messages) if (senderId !== me) last = Math.max(last, seq);
    if (last > 0) deps.stored(conversationId, last);
  };

  const restore = async (): Promise<void> => {
    const kept = await (await storage).conversations();
    if (stopped) return;
    // Whatever is of another life than the latest was left behind by a tab that had not heard yet.
    const epoch = kept[0]?.epoch;
    if (epoch === undefined) return;
    // Of another life than the one that was told meanwhile: nothing of it counts.
    if ((deps.epoch() ?? epoch) !== epoch) return;
    const alive = kept.filter((one) => one.epoch === epoch);
    const known = store.getState().conversations;
    const unknown = alive.map(({ conversationId }) => conversationId).filter((id) => known[id] === undefined);
    store.getState().keptConversationsCame(alive.map(({ held }) => held));
    deps.restored(epoch, alive);
    if (isLate) deps.late(unknown);
    isLate = false;
  };

  const unsubscribe = store.subscribe((state, before) => {
    if (state.conversations !== before.conversations)
      for (const [id, held] of Object.entries(state.conversations))
        if (held !== before.conversations[id]) mark(id);
    // A page of history came. What the log tells comes by `applied`.
    const open = state.open?.conversationId;
    if (open !== undefined && hasOthers(state.windows[open], before.windows[open])) mark(open);
  });

  const forget = (conversationIds: readonly Id[]) => {
    expected = null;
    for (const conversationId of conversationIds) {
      dirty.delete(conversationId);
      learned.delete(conversationId);
      writtenOf.delete(conversationId);
      toldMeanwhile.delete(conversationId);
    }
    void queue((opened) => opened.forget(conversationIds));
  };

  const lookUp = async (conversationId: Id): Promise<WindowPage | null> => {
    // What this tab knows of others is not waited for.
    await (dirty.has(conversationId) ? flush() : work);
    try {
      const found = await (await storage).messages(conversationId);
      if (found === null || found.messages.length === 0) return null;
      const { kept, messages } = found;
      if (isOutgrown(kept, versions.build)) return null;
      // Shown as they are: nothing of them has to be written again.
      if (!writtenOf.has(conversationId)) writtenOf.set(conversationId, new Set(messages));
      // Another tab's, which is not as far as this one: between the two there would be a hole.
      if (kept.epoch !== deps.epoch() || kept.cursor < (deps.cursorOf(conversationId) ?? 0)) return null;
      const { people, peopleTold } = store.getState();
      peopleTold((kept.people ?? []).filter(({ _id }) => people[_id] === undefined));
      const firstSeq = store.getState().conversations[conversationId]?.conversation.firstSeq ?? 1;
      return { messages, notices: kept.notices, hasOlder: kept.from > firstSeq, hasNewer: false };
    } catch {
      // What the browser cannot give back the server can.
      return null;
    }
  };

  const patience = () => (navigator.onLine ? patienceMs : patienceOfflineMs);
  /** Null where the browser did not give it in time, or has never given anything yet. */
  const soon = async (page: Promise<WindowPage | null>): Promise<WindowPage | null> =>
    (await waitedFor(clock, page, isLate ? 0 : patience())) ? page : null;

  return {
    ready: waitedFor(clock, restore(), patience()).then((inTime) => {
      isLate = !inTime;
    }),
    applied: (conversationId, entries) => {
      const first = entries[0];
      const messages = entries.map(messageOf);
      const meanwhile = toldMeanwhile.get(conversationId);
      for (const message of messages)
        if (message !== null) meanwhile?.set(message.seq, keepingOwn(message, meanwhile.get(message.seq)));
      if (first !== undefined) learn(conversationId, first.seq, messages, noticesIn(entries));
    },
    fetching: (conversationId) => {
      const meanwhile = new Map<number, Message>();
      toldMeanwhile.set(conversationId, meanwhile);
      return ({ messages, hasOlder, notices = [] }) => {
        // Forgotten meanwhile: what it was to go on from is gone.
        if (toldMeanwhile.get(conversationId) !== meanwhile) return;
        toldMeanwhile.delete(conversationId);
        // Whatever lies below the first one that this person may see is not there to be kept.
        const first = hasOlder ? messages[0]?.seq : 1;
        const asTold = messages.map((message) => keepingOwn(meanwhile.get(message.seq) ?? message, message));
        if (first !== undefined) learn(conversationId, first, asTold, notices);
      };
    },
    newest: (conversationId) => {
      if (expected?.conversationId !== conversationId) return soon(lookUp(conversationId));
      const { cursor, epoch, page } = expected;
      expected = null;
      const isAsItWas = cursor === deps.cursorOf(conversationId) && epoch === deps.epoch();
      return soon(isAsItWas ? page : lookUp(conversationId));
    },
    expect: (conversationId) => {
      const cursor = deps.cursorOf(conversationId);
      expected = { conversationId, cursor, epoch: deps.epoch(), page: lookUp(conversationId) };
    },
    forget: (conversationId) => forget([conversationId]),
    clear: () => {
      expected = null;
      dirty.clear();
      learned.clear();
      writtenOf.clear();
      toldMeanwhile.clear();
      void queue((opened) => opened.clear());
    },
    epochTold: () => {
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
