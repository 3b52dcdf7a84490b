import type { Conversation, Id, Message, Person } from '@sori/contract';
import type { ApiError } from '../../api/ApiError';
import type { Target } from '../conversations/target';

export type MessageStatus = 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

/**
 * One message as a row. Day separator, divider and grouping are properties of the row and not rows of their own, so
 * that rows and messages stay one to one and `firstItemIndex` falls by exactly what was prepended.
 */
export type ThreadRow = {
  /** Stays the same when a bubble that is being sent becomes the stored message: use it as the React key. */
  key: string;
  /** Null until the server has numbered it. */
  seq: number | null;
  clientId: string | null;
  mine: boolean;
  senderId: Id;
  /** Null where not known; a guest's own name in rooms. */
  sender: Person | null;
  senderName: string | null;
  text: string;
  /** ISO time: the log's, or this device's for what is not stored yet. */
  at: string;
  /** Null on what others wrote. */
  status: MessageStatus | null;
  /** Why it failed; only with `status: 'failed'`. */
  error: ApiError | null;
  /** The whole stored message (edits, reactions, pins, deletion); null until it is stored. */
  message: Message | null;
  replyTo: Id | null;
  /** The local day (`2025-03-09`) that begins above this row, else null. Say it with `describeDay` of `features/time`. */
  day: string | null;
  /** The divider "unread from here" is above this row. */
  unreadDivider: boolean;
  /** First and last of what one person wrote within one minute. */
  startsGroup: boolean;
  endsGroup: boolean;
};

export type Thread = {
  /** Set as soon as the conversation is known to exist: a page at `/u/:id` then moves (replaces) to `/c/<this>`. */
  conversationId: Id | null;
  conversation: Conversation | null;
  /** The other person of a direct conversation (oneself in a note to self), also before it exists. */
  peer: Person | null;
  state: 'loading' | 'ready' | 'notFound' | 'failed';
  error: ApiError | null;
  rows: readonly ThreadRow[];
  /** For Virtuoso's `firstItemIndex`. */
  firstItemIndex: number;
  hasOlder: boolean;
  older: 'idle' | 'loading' | 'failed';
  /** For `startReached`; also the retry after `failed`. Twice at once asks once. */
  loadOlder: () => void;
  /** True where the rows do not reach the conversation's end (after a jump, or far up in the history). */
  hasNewer: boolean;
  /** For `endReached`. */
  loadNewer: () => void;
  /** Shows the newest page again. Scroll to the end afterwards. */
  goToNewest: () => void;
  /** The messages around that seq instead of the present rows. */
  goTo: (seq: number) => void;
  /** What others wrote since the reader left the end: the "n new" pill. 0 at the end. */
  newCount: number;
  /** For `atBottomStateChange`. */
  atEndChanged: (atEnd: boolean) => void;
  /** Tries again after `state: 'failed'`. */
  reload: () => void;
};

const nothing = () => undefined;

/** What is said there, with what is on its way, and the ways through the history. */
export function useThread(_target: Target): Thread {
  return {
    conversationId: null,
    conversation: null,
    peer: null,
    state: 'loading',
    error: null,
    rows: [],
    firstItemIndex: 1_000_000,
    hasOlder: false,
    older: 'idle',
    loadOlder: nothing,
    hasNewer: false,
    loadNewer: nothing,
    goToNewest: nothing,
    goTo: nothing,
    newCount: 0,
    atEndChanged: nothing,
    reload: nothing,
  };
}
