import { AppError } from '../core/errors.js';
import type { EntryPayload, EntryRow, MessageRow } from './entries.model.js';

/** Bounds of what waits. Beyond them the answer is BUSY. */
export const bounds = {
  entriesPerConversation: 1_000,
  bytesPerConversation: 4 * 1024 * 1024,
  bytesPerProcess: 64 * 1024 * 1024,
  /** So that one conversation's flood does not delay the others by much. */
  batchPerConversation: 100,
  batchEntries: 500,
  batchBytes: 2 * 1024 * 1024,
  /** Inserts at the same time for conversations into which other servers append as well, each for one of them. */
  sharedInserts: 16,
  /** How long an append may lose against other servers before it gives up as BUSY. */
  contentionMs: 5_000,
  /** A sender is answered within 3 s of the database's last word to them, whatever it does then. */
  answerMs: 2_700,
} as const;

/** This many milliseconds, but no less and no more than that. */
export const within = ({ least, most }: { least: number; most: number }, ms: number): number =>
  Math.min(Math.max(ms, least), most);

/** Something to be appended. The rights were checked against `membersVersion`. */
export interface Append {
  conversationId: string;
  senderId: string;
  clientId: string;
  payloadHash: string;
  payload: EntryPayload;
  /** Roughly what it takes in memory. */
  bytes: number;
  rights: Rights;
  /** From whom the entry is hidden. Asked at the moment in which it gets its number, so that a block counts at once. */
  hiddenFor?: (() => string | undefined) | undefined;
}

export interface Rights {
  /** Seq of the membership change that the rights were checked against. */
  membersVersion: number;
  /**
   * Checks them again, because the log went on to this version: answers the version that they were checked against now, or
   * throws what the sender is answered.
   */
  recheck: (membersVersion: number) => Promise<number>;
}

export interface Appended {
  entry: EntryRow;
  /** For a change: the message that it changed, as it now is. */
  target?: MessageRow | undefined;
  /** True where the entry was there already. */
  repeat: boolean;
}

/** An append until it is answered. A class, because there are thousands a second: they share their methods. */
export class Waiting {
  readonly answered: Promise<Appended>;
  /** Not fixed at the first attempt: every attempt uses a fresh `_id`. */
  row: EntryRow | undefined = undefined;
  membersVersion: number;
  isAnswered = false;
  private settle!: { resolve: (appended: Appended) => void; reject: (error: unknown) => void };

  /**
   * @param key names the sender and their `clientId`
   * @param since milliseconds since 1970
   * @param lastWordAt when the database last answered; on a clock that nobody sets, in milliseconds
   */
  constructor(
    readonly request: Append,
    readonly key: string,
    readonly since: number,
    public lastWordAt: number,
  ) {
    this.membersVersion = request.rights.membersVersion;
    this.answered = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  resolve(appended: Appended): void {
    this.isAnswered = true;
    this.settle.resolve(appended);
  }

  reject(error: unknown): void {
    this.isAnswered = true;
    this.settle.reject(error);
  }

  /** The database answered, though not as one would wish: it is not away, and the time until RETRY begins anew. */
  databaseAnswered(at = performance.now()): void {
    this.lastWordAt = Math.max(this.lastWordAt, at);
  }
}

/** One conversation's queue. */
export interface Backlog {
  id: string;
  items: Waiting[];
  bytes: number;
  byKey: Map<string, Waiting>;
  /** Reading the tail, checking rights again, storing a head: one after the other, and no entry is written meanwhile. */
  held: number;
  holding: Promise<void>;
}

/** Not the error whole: MongoDB's carry the documents that could not be written. */
export const reasonOf = (error: unknown): string | undefined =>
  error instanceof Error ? error.stack : String(error);
export const busy = (): AppError =>
  new AppError('BUSY', 'Too much is being written here. Please try again in a moment');
export const conflict = (): AppError =>
  new AppError('CONFLICT', 'This clientId was used for another message');
export const unknownOutcome = (cause?: unknown): AppError =>
  new AppError('RETRY', 'It is not known whether this was stored. Please send it again', { cause });
