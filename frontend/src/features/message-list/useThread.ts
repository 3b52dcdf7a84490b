import { type ApiError, type ApiErrorCode, type Notice, readUpTo } from '@sori/client';
import type { Conversation, Id, Person } from '@sori/contract';
import { useEffect, useMemo } from 'react';
import { useClient } from '../../session/SocketContext';
import { peerOf } from '../../account/conversations/conversationsSlice';
import { conversationIdOf, myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import type { Place, Window } from '../../store/window';
import type { Target } from '../conversations/target';
import { usePerson } from '../people/usePerson';
import { useDirectLookup } from './useDirectLookup';
import { useJumps, type Jumps } from './useJumps';
import type { ThreadRow } from '../messages/threadRow';
import { useRowList } from './useRowList';

export type Thread = Jumps & {
  /** Set as soon as the conversation is known to exist: a page at `/u/:id` then moves (replaces) to `/c/<this>`. */
  conversationId: Id | null;
  conversation: Conversation | null;
  /** The other person of a direct conversation (oneself in a note to self), also before it exists. */
  peer: Person | null;
  state: 'loading' | 'ready' | 'notFound' | 'failed';
  error: ApiError | null;
  rows: readonly ThreadRow[];
  /** Those that stand in no row, where nothing was said yet. */
  notices: readonly Notice[];
  /** For Virtuoso's `firstItemIndex`. */
  firstItemIndex: number;
  hasOlder: boolean;
  older: 'idle' | 'loading' | 'failed';
  /** For `startReached`. Twice at once asks once. */
  loadOlder: () => void;
  /** True where the rows do not reach the conversation's end (after a jump, or far up in the history). */
  hasNewer: boolean;
  newer: Thread['older'];
  /** For `endReached`. */
  loadNewer: () => void;
  /** Asks again for what `failed`, here or at either end. */
  retry: () => void;
  /** Shows the newest page again, and reads all when it is there. */
  goToNewest: () => void;
  /** That was asked for and is not there yet. Scroll to the end afterwards. */
  goesToEnd: boolean;
  /** What is still to be read: the "n new" pill says what the badge says. */
  newCount: number;
  /** There are more than that. */
  newMore: boolean;
  /** The seq behind which the first message lies that is still to be read. Null where everything was read. */
  newAfter: number | null;
  /** Where the reader was when they looked elsewhere; null where they begin at the first unread message, or at the end. */
  place: Place | null;
  /** The reader looks elsewhere, and was there; null at the end. */
  leaveAt: (place: Place | null) => void;
  /** Whether the reader is at the end. */
  atEndChanged: (atEnd: boolean) => void;
};

const noNotices: readonly Notice[] = [];

/** Addresses are typed by people too: an id that cannot be one is a conversation that does not exist. */
const missing = new Set<ApiErrorCode>(['NOT_FOUND', 'INVALID', 'FORBIDDEN']);

const stateOf = (loaded: boolean, error: ApiError | null): Thread['state'] => {
  if (loaded) return 'ready';
  if (error === null) return 'loading';
  return missing.has(error.code) ? 'notFound' : 'failed';
};

/** Who goes to the end waits there for the last page and not for the next one: above it, too, where nothing is here yet. */
const endOf = (window: Window | undefined, end: 'older' | 'newer'): Thread['older'] => {
  if (window === undefined) return 'idle';
  const { loading, failed, loaded, goesToEnd } = window;
  const kind = goesToEnd && (end === 'newer' || !loaded) ? 'replace' : end;
  if (loading[kind]) return 'loading';
  return failed[kind] === null ? 'idle' : 'failed';
};

/** What is said there, with what is on its way, and the ways through the history. */
export function useThread(target: Target): Thread {
  const { account, store } = useClient();
  const me = useAppStore(myId);
  const conversationId = useAppStore((state) => conversationIdOf(state, target));
  const userId = 'userId' in target ? target.userId : null;
  const conversation = useAppStore((state) =>
    conversationId === null ? null : (state.conversations[conversationId]?.conversation ?? null),
  );
  const window = useAppStore((state) =>
    conversationId === null ? undefined : state.windows[conversationId],
  );
  const person = usePerson(userId);
  const lookup = useDirectLookup(conversationId === null ? userId : null);
  const newCount = conversation?.unread ?? 0;
  const isOpened = useAppStore(({ open }) => open?.conversationId === conversationId);
  // One's own unsent words are at hand before what was said is: alone for a moment, they would look like all there is.
  // Nor do they say where the reader begins: with something unread that is further up, unless they go to the end.
  const goesToEnd = window?.goesToEnd === true;
  const begins = window?.loading.replace === true && newCount > 0 && !goesToEnd;
  const waits = window?.looksUp === true || begins;
  const isFound = conversationId === null || window?.loaded === true || (isOpened && !waits);
  const { rows, firstItemIndex } = useRowList(target, conversation, window, isFound);
  const jumps = useJumps(conversationId, rows);
  const peerId = (conversation === null ? person.person : peerOf(conversation, me))?._id ?? null;
  const peer = useAppStore((state) => (peerId === null ? null : (state.people[peerId] ?? null)));

  // Another person signed in (`me`) means another account to ask.
  useEffect(
    () => (conversationId === null ? undefined : account()?.history.open(conversationId)),
    [account, conversationId, me],
  );
  const facing = conversationId === null && 'userId' in target ? target.userId : null;
  useEffect(() => {
    if (facing === null) return;
    const { faced } = store.getState();
    faced(facing);
    return () => faced(null);
  }, [store, facing]);
  useEffect(
    () => (peerId === null ? undefined : account()?.watching.people([peerId])),
    [account, peerId, me],
  );

  const { again } = lookup;
  const ways = useMemo(() => {
    return {
      loadOlder: () => {
        if (conversationId !== null) account()?.history.loadOlder(conversationId);
      },
      loadNewer: () => {
        if (conversationId !== null) account()?.history.loadNewer(conversationId);
      },
      retry: () => {
        again();
        if (conversationId !== null) account()?.history.retry(conversationId);
      },
      goToNewest: () => {
        if (conversationId !== null) account()?.history.toEnd(conversationId);
      },
      leaveAt: (place: Place | null) => {
        if (conversationId !== null) store.getState().placeLeft(conversationId, place);
      },
      atEndChanged: (atEnd: boolean) => {
        if (conversationId !== null) store.getState().endReached(conversationId, atEnd);
      },
    };
  }, [account, store, conversationId, again]);

  const isNew = conversationId === null && lookup.isNone && person.state === 'ready';
  const error = window?.failed.replace ?? person.error ?? lookup.error;
  return {
    conversationId,
    conversation,
    peer,
    state: stateOf(isNew || window?.loaded === true, error),
    error,
    rows,
    notices: window?.notices ?? noNotices,
    firstItemIndex,
    hasOlder: window?.hasOlder === true || (goesToEnd && !window.loaded),
    older: endOf(window, 'older'),
    hasNewer: window?.hasNewer ?? false,
    newer: endOf(window, 'newer'),
    goesToEnd,
    newCount,
    newMore: conversation?.unreadMore === true,
    newAfter: conversation !== null && newCount > 0 ? readUpTo(conversation, me) : null,
    place: window?.place ?? null,
    ...jumps,
    ...ways,
  };
}
