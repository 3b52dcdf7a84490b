import type { ApiError, Notice } from '@sori/client';
import type { Attachment, Id, Message, Person } from '@sori/contract';

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
  /** Of what is not stored yet, under the ids that this device has for them. */
  attachments: readonly Attachment[];
  /** ISO time: the log's, or this device's for what is not stored yet. */
  at: string;
  /** Null on what others wrote. */
  status: MessageStatus | null;
  /** Why it failed; only with `status: 'failed'`. */
  error: ApiError | null;
  /** The whole stored message (edits, reactions, pins, deletion); null until it is stored. */
  message: Message | null;
  /** What this person changes about it is shown and not stored yet. */
  changing: boolean;
  replyTo: Id | null;
  /** So many are on their way before this one and not among the rows. */
  waitingAbove: number;
  /** Who came and went, and the like, between the message before and this one; and, for the last one, since. */
  noticesAbove: readonly Notice[];
  noticesBelow: readonly Notice[];
  /** The local day (`2025-03-09`) that begins above this row, else null. Say it with `describeDay` of `features/time`. */
  day: string | null;
  /** The divider "unread from here" is above this row. */
  unreadDivider: boolean;
  /** First and last of what one person wrote within one minute. */
  startsGroup: boolean;
  endsGroup: boolean;
};
