import type { ApiError, Notice } from '@sori/client';
import type { Message } from '@sori/contract';
import type { HistoryPage } from '../api/conversations';

/** Where a reader was: the first message on the screen, and how far below the upper edge it began, in pixels. */
export type Place = { readonly seq: number; readonly top: number };

export type LoadKind = 'replace' | 'older' | 'newer';

/** A page of history with what the log tells about a group itself in that stretch. A direct conversation has none. */
export type WindowPage = HistoryPage & { readonly notices?: readonly Notice[] | undefined };

/** A stretch of one conversation's history: everything between its first and last message, and what is going on at its ends. */
export type Window = {
  /** Ascending by seq, without a hole. */
  readonly messages: readonly Message[];
  /** Those of the same stretch, ascending by seq. */
  readonly notices: readonly Notice[];
  readonly hasOlder: boolean;
  /** True where the end of the conversation is not in this stretch; then nothing live is added to it. */
  readonly hasNewer: boolean;
  /** False until a first page was there. */
  readonly loaded: boolean;
  /** What this device keeps is being looked up: until it is found, what is held may be the end of something longer. */
  readonly looksUp: boolean;
  /** The reader goes to the end of the conversation, which has not come yet. What they send shows below what is held. */
  readonly goesToEnd: boolean;
  readonly loading: Readonly<Record<LoadKind, boolean>>;
  readonly failed: Readonly<Record<LoadKind, ApiError | null>>;
  /** The newest message that is known to exist, in this stretch or beyond it. */
  readonly newestSeq: number;
  /** What was told, by seq, while a page was on its way: that page may have been read before. */
  readonly received: ReadonlyMap<number, Message>;
  readonly receivedNotices: readonly Notice[];
  /** Where the reader was when they looked elsewhere; null where that was the end. */
  readonly place: Place | null;
};

export const emptyWindow: Window = {
  messages: [],
  notices: [],
  hasOlder: false,
  hasNewer: false,
  loaded: false,
  looksUp: false,
  goesToEnd: false,
  loading: { replace: false, older: false, newer: false },
  failed: { replace: null, older: null, newer: null },
  newestSeq: 0,
  received: new Map(),
  receivedNotices: [],
  place: null,
};

/** `looksUp`: what this device keeps is asked first. `goesToEnd`: for who goes to the end of the conversation. */
export type Asking = Partial<Pick<Window, 'looksUp' | 'goesToEnd'>>;
