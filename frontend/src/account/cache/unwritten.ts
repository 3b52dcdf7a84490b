import { keepingOwn, messageOf, type Notice, noticesIn, noticesJoined } from '@sori/client';
import { versions, type Entry, type Id, type Message } from '@sori/contract';
import { keptMessages, peopleAt, type CacheChange } from './keptConversations';
import type { State } from '../../store/state';
import type { WindowPage } from '../../store/window';

type Learned = { from: number; messages: Map<number, Message>; notices: readonly Notice[] };
/** What the window knows; `written` of it lies in storage, as far as this tab knows. */
type Run = Learned & { written: readonly Message[] };

export type Unwritten = {
  /** The log went on. */
  applied: (conversationId: Id, entries: readonly Entry[]) => void;
  /** See `Cache.fetching`. */
  fetching: (conversationId: Id) => (page: WindowPage) => void;
  /** What is to be written of a conversation; null where its log is not followed. What was learned of it stays here. */
  changeOf: (state: State, conversationId: Id, epoch: string) => CacheChange | null;
  /** It is on its way into storage. */
  handedOver: () => void;
  /** None of it is there: all of what is shown is to be written with the next one. */
  notWritten: () => void;
  /** These lie in storage and are shown: nothing of them has to be written again. */
  shownAsKept: (conversationId: Id, messages: readonly Message[]) => void;
  forget: (conversationId: Id) => void;
  clear: () => void;
};

type Deps = {
  /** How far the log of that conversation was followed. Null: not, or not known. */
  cursorOf: (conversationId: Id) => number | null;
  /** Something of it is to be written. */
  changed: (conversationId: Id) => void;
};

/** What the open, or lately open, window knows beyond what the log told since. */
const runOf = (
  state: State,
  conversationId: Id,
  firstSeq: number,
  writtenOf: Map<Id, ReadonlySet<Message>>,
): Run | null => {
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

/** What this tab knows of each conversation beyond what was written already. */
export const createUnwritten = ({ cursorOf, changed }: Deps): Unwritten => {
  const learned = new Map<Id, Learned>();
  /** The messages of each window as they were last written. */
  const writtenOf = new Map<Id, ReadonlySet<Message>>();
  /** What the log told of a conversation while a page of it was on its way. */
  const receivedMeanwhile = new Map<Id, Map<number, Message>>();

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
    changed(conversationId);
  };

  const changeOf = (state: State, conversationId: Id, epoch: string): CacheChange | null => {
    const held = state.conversations[conversationId];
    const cursor = cursorOf(conversationId);
    if (held === undefined || cursor === null) return null;
    const received = learned.get(conversationId);
    const run = runOf(state, conversationId, held.conversation.firstSeq, writtenOf);
    const messages = new Map(run?.messages);
    for (const [seq, message] of received?.messages ?? [])
      messages.set(seq, keepingOwn(message, messages.get(seq)));
    const notices = noticesJoined(received?.notices ?? [], run?.notices ?? []).filter(
      ({ seq }) => seq <= cursor,
    );
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
      from: Math.min(received?.from ?? cursor + 1, run?.from ?? cursor + 1, cursor + 1),
      // A page may have been ahead of the log as it was followed.
      messages: [...messages.values()].filter(({ seq }) => seq <= cursor),
      written: written.filter(({ seq }) => seq <= cursor),
      notices,
    };
  };

  return {
    applied: (conversationId, entries) => {
      const first = entries[0];
      const messages = entries.map(messageOf);
      const meanwhile = receivedMeanwhile.get(conversationId);
      for (const message of messages)
        if (message !== null) meanwhile?.set(message.seq, keepingOwn(message, meanwhile.get(message.seq)));
      if (first !== undefined) learn(conversationId, first.seq, messages, noticesIn(entries));
    },
    fetching: (conversationId) => {
      const meanwhile = new Map<number, Message>();
      receivedMeanwhile.set(conversationId, meanwhile);
      return ({ messages, hasOlder, notices = [] }) => {
        // Forgotten meanwhile: what it was to go on from is gone.
        if (receivedMeanwhile.get(conversationId) !== meanwhile) return;
        receivedMeanwhile.delete(conversationId);
        // Whatever lies below the first one that this person may see is not there to be kept.
        const first = hasOlder ? messages[0]?.seq : 1;
        const asReceived = messages.map((message) =>
          keepingOwn(meanwhile.get(message.seq) ?? message, message),
        );
        if (first !== undefined) learn(conversationId, first, asReceived, notices);
      };
    },
    changeOf,
    handedOver: () => learned.clear(),
    notWritten: () => writtenOf.clear(),
    shownAsKept: (conversationId, messages) => {
      if (!writtenOf.has(conversationId)) writtenOf.set(conversationId, new Set(messages));
    },
    forget: (conversationId) => {
      learned.delete(conversationId);
      writtenOf.delete(conversationId);
      receivedMeanwhile.delete(conversationId);
    },
    clear: () => {
      learned.clear();
      writtenOf.clear();
      receivedMeanwhile.clear();
    },
  };
};
