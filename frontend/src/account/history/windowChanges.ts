import { type ApiError, keepingOwn, type Notice, noticesJoined } from '@sori/client';
import type { Message } from '@sori/contract';
import {
  emptyWindow,
  type Asking,
  type LoadKind,
  type Place,
  type Window,
  type WindowPage,
} from '../../store/window';

/** Messages kept of a conversation that is open; beyond it, the end that is further from the reader is let go. */
export const heldOpen = 1_000;
/** Kept of one that is not open: enough to paint it at once when it is opened again. */
export const heldClosed = 100;

const changedAt = (message: Message): number => Date.parse(message.updatedAt);
const isLoading = ({ loading }: Window): boolean => loading.replace || loading.older || loading.newer;

/** Both ascending; where both have a message, the first one's stays unless the second one's is newer. */
const merge = (held: readonly Message[], page: readonly Message[]): Message[] => {
  const bySeq = new Map(held.map((message) => [message.seq, message]));
  for (const message of page) {
    const known = bySeq.get(message.seq);
    if (known === undefined) bySeq.set(message.seq, message);
    else
      bySeq.set(
        message.seq,
        changedAt(message) > changedAt(known) ? keepingOwn(message, known) : keepingOwn(known, message),
      );
  }
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq);
};

/** Whether what is told live goes on at the end of this stretch. */
const growsAtEnd = ({ hasNewer, loaded, loading }: Window): boolean =>
  !hasNewer && (loaded || loading.replace);

const lastSeqOf = (messages: readonly Message[]): number => messages.at(-1)?.seq ?? 0;

const remembered = (before: Window['received'], received: readonly Message[]): Window['received'] => {
  const all = new Map(before);
  for (const message of received) all.set(message.seq, keepingOwn(message, all.get(message.seq)));
  return all;
};

/**
 * Messages as the log tells them, live or caught up. The same one again changes nothing, and an older state of it never
 * replaces a newer one; at the same time of change the one told later counts, since the log tells changes in order.
 */
export const messagesReceived = (window: Window, received: readonly Message[], atEnd = false): Window => {
  const newestSeq = received.reduce((newest, { seq }) => Math.max(newest, seq), window.newestSeq);
  const grows = growsAtEnd(window);
  const messages = [...window.messages];
  for (const message of received) {
    if (message.seq > lastSeqOf(messages)) {
      if (grows) messages.push(message);
      continue;
    }
    const index = messages.findIndex(({ seq }) => seq >= message.seq);
    const known = messages[index];
    if (known === undefined) continue;
    if (known.seq === message.seq) {
      if (changedAt(message) >= changedAt(known)) messages[index] = keepingOwn(message, known);
    } else if (index > 0) messages.splice(index, 0, message);
  }
  const grown = {
    ...window,
    messages,
    newestSeq,
    received: isLoading(window) ? remembered(window.received, received) : window.received,
  };
  if (messages.length <= heldOpen) return grown;
  // Whoever is not at the end reads further up, and comes down to what is let go here page by page.
  return atEnd ? keptNewest(grown, heldOpen / 2) : keptOldest(grown, heldOpen);
};

/** A change of a message that may lie outside of what is held: then only a page on its way has to know. */
export const messageChanged = (window: Window, message: Message): Window => {
  const held = window.messages.some(({ seq }) => seq === message.seq);
  if (held) return messagesReceived(window, [message]);
  return isLoading(window) ? { ...window, received: remembered(window.received, [message]) } : window;
};

/** The log told something about the group itself. */
export const noticesReceived = (window: Window, received: readonly Notice[]): Window => ({
  ...window,
  notices: growsAtEnd(window) ? noticesJoined(window.notices, received) : window.notices,
  receivedNotices: isLoading(window)
    ? noticesJoined(window.receivedNotices, received)
    : window.receivedNotices,
});

export const pageAsked = (window: Window, kind: LoadKind, asking: Asking = {}): Window => ({
  ...window,
  looksUp: asking.looksUp ?? false,
  goesToEnd: kind === 'replace' ? (asking.goesToEnd ?? false) : window.goesToEnd,
  loading: { ...window.loading, [kind]: true },
  failed: { ...window.failed, [kind]: null },
  received: isLoading(window) ? window.received : new Map(),
  receivedNotices: isLoading(window) ? window.receivedNotices : [],
});

export const pageFailed = (window: Window, kind: LoadKind, error: ApiError | null): Window => ({
  ...window,
  looksUp: false,
  loading: { ...window.loading, [kind]: false },
  failed: { ...window.failed, [kind]: error },
});

/** A page came. `replace` shows it instead of what is held; the others join it. */
export const pageCame = (window: Window, kind: LoadKind, page: WindowPage): Window => {
  const fresh = page.messages.map((message) => {
    const received = window.received.get(message.seq);
    return received !== undefined && changedAt(received) >= changedAt(message)
      ? keepingOwn(received, message)
      : message;
  });
  const newestSeq = Math.max(window.newestSeq, lastSeqOf(fresh));
  const settled = { ...pageFailed(window, kind, null), loaded: true, newestSeq };
  const pageNotices = page.notices ?? [];
  if (kind === 'older') {
    const joined = {
      ...settled,
      messages: merge(window.messages, fresh),
      notices: noticesJoined(window.notices, pageNotices),
      hasOlder: page.hasOlder,
    };
    return joined.messages.length > heldOpen ? keptOldest(joined, heldOpen) : joined;
  }
  const reachesEnd = !page.hasNewer;
  const goesToEnd = kind !== 'replace' && window.goesToEnd;
  const arrived = reachesEnd ? [...window.received.values()].filter(({ seq }) => seq > lastSeqOf(fresh)) : [];
  const messages = kind === 'replace' ? merge(fresh, arrived) : merge(merge(window.messages, fresh), arrived);
  const joined = {
    ...settled,
    goesToEnd,
    messages,
    notices: noticesJoined(
      kind === 'replace' ? pageNotices : noticesJoined(window.notices, pageNotices),
      reachesEnd ? window.receivedNotices : [],
    ),
    hasOlder: kind === 'replace' ? page.hasOlder : window.hasOlder,
    // What was told while this stretch did not reach the end was not added to it: then there is more to fetch.
    hasNewer: page.hasNewer || lastSeqOf(messages) < newestSeq,
  };
  return kind === 'newer' && messages.length > heldOpen ? keptNewest(joined, heldOpen) : joined;
};

const keptNewest = (window: Window, count: number): Window => {
  const messages = window.messages.slice(-count);
  const first = messages[0]?.seq ?? 0;
  return { ...window, messages, notices: window.notices.filter(({ seq }) => seq > first), hasOlder: true };
};

const keptOldest = (window: Window, count: number): Window => {
  const messages = window.messages.slice(0, count);
  const last = lastSeqOf(messages);
  return { ...window, messages, notices: window.notices.filter(({ seq }) => seq < last), hasNewer: true };
};

/** What lies around that place, as much above it as below. */
const keptAround = (window: Window, { seq }: Place, count: number): Window => {
  const index = window.messages.findIndex((message) => message.seq >= seq);
  const end = Math.max(0, (index < 0 ? window.messages.length : index) - count / 2) + count;
  const below = window.messages.length > end ? keptOldest(window, end) : window;
  return below.messages.length > count ? keptNewest(below, count) : below;
};

/** Whether somebody who begins at that message finds it there, or the next one after it. */
export const reachesTo = (
  { messages, hasOlder, hasNewer }: Pick<Window, 'messages' | 'hasOlder' | 'hasNewer'>,
  seq: number,
): boolean =>
  (!hasOlder || (messages[0]?.seq ?? Number.POSITIVE_INFINITY) <= seq) &&
  (!hasNewer || (messages.at(-1)?.seq ?? 0) >= seq);

/**
 * Nobody looks at it any more: kept is what it takes to go on where the reader was. A stretch from the middle where nobody
 * was is worth nothing: opening shows the end then.
 */
export const windowClosed = (window: Window): Window | null => {
  const { place } = window;
  if (!window.loaded || (window.hasNewer && place === null)) return null;
  const idle = {
    ...window,
    goesToEnd: false,
    loading: emptyWindow.loading,
    failed: emptyWindow.failed,
    received: emptyWindow.received,
    receivedNotices: emptyWindow.receivedNotices,
  };
  if (place !== null) return keptAround(idle, place, heldClosed);
  return window.messages.length > heldClosed ? keptNewest(idle, heldClosed) : idle;
};
