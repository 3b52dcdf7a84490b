import { entryCounted, messageOf, noticesIn, outboxRules, quotesReceived, readUpTo } from '@sori/client';
import type { Entry, Id } from '@sori/contract';
import { dividerFor } from '../conversations/conversationsSlice';
import { membersMetIn, mentionableIn, mentionedIn } from '../conversations/mentions';
import { whoWentOnTyping } from '../typing/typingSlice';
import { myId, type MessagesSlice, type Slice, type State } from '../../store/state';
import { emptyWindow, type Window } from '../../store/window';
import {
  heldClosed,
  messageChanged,
  messagesReceived,
  noticesReceived,
  pageAsked,
  pageCame,
  pageFailed,
  windowClosed,
} from './windowChanges';

export const messagesStart: Pick<MessagesSlice, 'windows' | 'open' | 'facing' | 'dividers'> = {
  windows: {},
  open: null,
  facing: null,
  dividers: {},
};

const withWindow = (
  state: State,
  conversationId: Id,
  change: (window: Window) => Window,
): Partial<State> => ({
  windows: {
    ...state.windows,
    [conversationId]: change(state.windows[conversationId] ?? emptyWindow),
  },
});

/** Where it stands for whoever opens the conversation now; nowhere while nothing is known of it. */
const withDivider = (state: State, conversationId: Id): State['dividers'] => {
  const held = state.conversations[conversationId];
  const { [conversationId]: _old, ...dividers } = state.dividers;
  return held === undefined
    ? dividers
    : { ...dividers, [conversationId]: dividerFor(held.conversation, myId(state)) };
};

const ownClientIds = (state: State, messages: readonly { senderId: Id; clientId?: string | undefined }[]) =>
  new Set(
    messages.flatMap(({ senderId, clientId }) =>
      senderId === myId(state) && clientId !== undefined ? [clientId] : [],
    ),
  );

const windowAfter = (state: State, conversationId: Id, entries: readonly Entry[]): Window | undefined => {
  const held = state.windows[conversationId];
  if (held === undefined) return undefined;
  const isOpen = state.open?.conversationId === conversationId;
  let window = held;
  let fresh: ReturnType<typeof messageOf>[] = [];
  const flush = () => {
    window = messagesReceived(
      window,
      fresh.filter((message) => message !== null),
      isOpen && state.open?.atEnd === true,
    );
    fresh = [];
  };
  for (const entry of entries) {
    const message = messageOf(entry);
    if (entry.kind === 'message') fresh.push(message);
    else if (message !== null) {
      // In the log's order: a change may be of a message that came just before it.
      flush();
      window = messageChanged(window, message);
    }
  }
  flush();
  const notices = noticesIn(entries);
  if (notices.length > 0) window = noticesReceived(window, notices);
  return !isOpen && window.messages.length > 2 * heldClosed ? (windowClosed(window) ?? undefined) : window;
};

/**
 * Where the divider moves with what was just told. What came while nobody looked, or was missed while the connection was
 * away, is new to whoever reads on: once per absence, and not while what was new before is still to be read.
 */
const dividerMoved = (
  state: State,
  conversationId: Id,
  received: readonly { seq: number; senderId: Id }[],
  missed: boolean,
): Partial<State> => {
  const conversation = state.conversations[conversationId]?.conversation;
  if (conversation === undefined || state.open?.conversationId !== conversationId) return {};
  const me = myId(state);
  const after = readUpTo(conversation, me);
  const isAway = !state.attention && state.absenceMarked !== conversationId;
  if (!isAway && !(missed && after > (state.dividers[conversationId] ?? -1))) return {};
  if (!received.some(({ seq, senderId }) => senderId !== me && (isAway || seq > after))) return {};
  return {
    dividers: { ...state.dividers, [conversationId]: after },
    ...(isAway ? { absenceMarked: conversationId } : {}),
  };
};

const entriesApplied = (
  state: State,
  conversationId: Id,
  entries: readonly Entry[],
  missed: boolean,
): Partial<State> => {
  const me = myId(state);
  const before = state.conversations[conversationId];
  const metBefore = state.membersMet[conversationId];
  const met = before === undefined ? metBefore : membersMetIn(before.conversation, metBefore, entries);
  const namesMe = (text: string): boolean =>
    before !== undefined &&
    /[@＠]/.test(text) &&
    mentionedIn(text, mentionableIn(before.conversation, { me: state.me, people: state.people, met })).some(
      ({ who }) => who === me,
    );
  const held =
    before === undefined
      ? undefined
      : entries.reduce((counted, entry) => entryCounted(counted, entry, me, namesMe), before);
  const window = windowAfter(state, conversationId, entries);
  const received = entries.filter((entry) => entry.kind === 'message');
  return {
    outbox: outboxRules.settled(state.outbox, ownClientIds(state, received)),
    // In the same step: a name must not stand there below what its owner has just said.
    typing: whoWentOnTyping(state.typing, conversationId, received),
    quoted: quotesReceived(state.quoted, entries),
    ...(met === undefined || met === metBefore
      ? {}
      : { membersMet: { ...state.membersMet, [conversationId]: met } }),
    ...(held === undefined ? {} : { conversations: { ...state.conversations, [conversationId]: held } }),
    ...(window === undefined ? {} : { windows: { ...state.windows, [conversationId]: window } }),
    ...dividerMoved(state, conversationId, received, missed),
  };
};

export const messagesSlice: Slice<MessagesSlice> = (set) => ({
  ...messagesStart,
  conversationOpened: (conversationId) =>
    set((state) => {
      const held = state.conversations[conversationId];
      const window = state.windows[conversationId];
      // Marked as unread meanwhile: whoever did that wants to begin there.
      const begins = (window?.place ?? null) !== null && held?.conversation.unreadFromSeq !== undefined;
      return {
        ...(begins ? withWindow(state, conversationId, (one) => ({ ...one, place: null })) : {}),
        open: { conversationId, atEnd: true },
        dividers: withDivider(state, conversationId),
      };
    }),
  beginningFound: (conversationId) => set((state) => ({ dividers: withDivider(state, conversationId) })),
  placeLeft: (conversationId, place) =>
    set((state) =>
      state.windows[conversationId]?.loaded === true
        ? withWindow(state, conversationId, (window) => ({ ...window, place }))
        : {},
    ),
  faced: (userId) => set({ facing: userId }),
  conversationClosed: (conversationId) =>
    set((state) => {
      const { [conversationId]: window, ...windows } = state.windows;
      const kept = window === undefined ? null : windowClosed(window);
      return {
        open: state.open?.conversationId === conversationId ? null : state.open,
        windows: kept === null ? windows : { ...windows, [conversationId]: kept },
      };
    }),
  endReached: (conversationId, atEnd) =>
    set(({ open }) =>
      open?.conversationId === conversationId && open.atEnd !== atEnd ? { open: { ...open, atEnd } } : {},
    ),
  pageAsked: (conversationId, kind, asking) =>
    set((state) => withWindow(state, conversationId, (window) => pageAsked(window, kind, asking))),
  pageCame: (conversationId, kind, page) =>
    set((state) => ({
      ...withWindow(state, conversationId, (window) => pageCame(window, kind, page)),
      outbox: outboxRules.loggedUpTo(
        outboxRules.settled(state.outbox, ownClientIds(state, page.messages)),
        conversationId,
        page.messages.at(-1)?.seq ?? 0,
      ),
    })),
  pageFailed: (conversationId, kind, error) =>
    set((state) => withWindow(state, conversationId, (window) => pageFailed(window, kind, error))),
  entriesApplied: (conversationId, entries, missed = false) =>
    set((state) => entriesApplied(state, conversationId, entries, missed)),
  windowForgotten: (conversationId) =>
    set((state) => {
      const { [conversationId]: _window, ...windows } = state.windows;
      return { windows };
    }),
  conversationBegun: (conversationId) =>
    set((state) => withWindow(state, conversationId, (window) => ({ ...window, loaded: true }))),
});
