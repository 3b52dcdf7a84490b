import type { Logger } from 'pino';
import { AppError, isDatabaseAway, unavailable } from '../core/errors.js';
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
  /** How long an append may lose against other servers before it gives up as BUSY. */
  contentionMs: 5_000,
  /** A sender hears something within 3 s of the database's last word to him, whatever it does then. */
  answerMs: 2_700,
} as const;
/** How exactly that is kept. */
const lookAfterMs = 100;

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
   * throws what the sender is told.
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
   * @param key names the sender and his `clientId`
   * @param since milliseconds since 1970
   * @param lastWordAt when the database was last heard of; on a clock that nobody sets, in milliseconds
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
  heardOf(at = performance.now()): void {
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

export interface AppendQueueDeps {
  log: Logger;
  now: () => number;
  /** There may be something to write. */
  ready: () => void;
}

export type AppendQueue = ReturnType<typeof createAppendQueue>;

/** What waits to be appended: a backlog for each conversation, in the order of arrival. */
export function createAppendQueue({ log, now, ready }: AppendQueueDeps) {
  const backlogs = new Map<string, Backlog>();
  /** Who was not answered when it was last looked. */
  let impatient: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** When the database last stored a batch. That is a word to all who wait for their turn behind it. */
  let storedAt = 0;
  let bytesWaiting = 0;
  let closed = false;
  let idle: (() => void) | undefined;

  /**
   * Queues in the order of the calls. Answers once the entry is durable, with the stored entry.
   * @throws AppError BUSY (nothing was stored, the queue is full), RETRY (the outcome is unknown: repeat with the same
   * clientId), CONFLICT (the clientId was used for another content), UNAVAILABLE, or what `recheck` throws.
   */
  function append(request: Append): Promise<Appended> {
    if (closed) return Promise.reject(new AppError('UNAVAILABLE', 'The server is stopping'));
    const key = `${request.senderId}:${request.clientId}`;
    const backlog = backlogOf(request.conversationId);
    const twin = backlog.byKey.get(key);
    if (twin) return followTwin(twin, request);
    if (
      backlog.items.length >= bounds.entriesPerConversation ||
      backlog.bytes + request.bytes > bounds.bytesPerConversation ||
      bytesWaiting + request.bytes > bounds.bytesPerProcess
    ) {
      if (backlog.items.length === 0 && backlog.held === 0) backlogs.delete(backlog.id);
      return Promise.reject(
        new AppError('BUSY', 'Too much is being written here. Please try again in a moment'),
      );
    }
    const item = enqueue(backlog, key, request);
    ready();
    return item.answered;
  }

  function backlogOf(id: string): Backlog {
    let backlog = backlogs.get(id);
    if (!backlog) {
      backlog = { id, items: [], bytes: 0, byKey: new Map(), held: 0, holding: Promise.resolve() };
      backlogs.set(id, backlog);
    }
    return backlog;
  }

  function enqueue(backlog: Backlog, key: string, request: Append): Waiting {
    const item = new Waiting(request, key, now(), performance.now());
    impatient.push(item);
    watch();
    backlog.items.push(item);
    backlog.bytes += request.bytes;
    backlog.byKey.set(key, item);
    bytesWaiting += request.bytes;
    return item;
  }

  /** One timer for all: a timer for each costs as much as queueing it. */
  function watch(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      const tooOld = performance.now() - bounds.answerMs;
      for (const item of impatient) {
        // Not to who waits for something else of it: that may hang on a connection of its own.
        if (backlogs.get(item.request.conversationId)?.held === 0) item.heardOf(storedAt);
        // Later outcomes change nothing for who was answered, and the two unique indexes make a late landing harmless.
        if (!item.isAnswered && item.lastWordAt <= tooOld) item.reject(unknownOutcome());
      }
      impatient = impatient.filter((item) => !item.isAnswered);
      if (impatient.length > 0) watch();
    }, lookAfterMs);
  }

  async function followTwin(twin: Waiting, request: Append): Promise<Appended> {
    const same = twin.request.payloadHash === request.payloadHash;
    try {
      const answered = await twin.answered;
      if (same) return { ...answered, repeat: true };
    } catch (error) {
      // The one that waited was another content than what is stored; this one may be the stored one.
      if (!same && error instanceof AppError && error.code === 'CONFLICT') return append(request);
      throw error;
    }
    throw conflict();
  }

  /** Takes answered entries off the front of their backlog. */
  function leave(backlog: Backlog, item: Waiting): void {
    const index = backlog.items.indexOf(item);
    if (index === -1) return;
    backlog.items.splice(index, 1);
    backlog.bytes -= item.request.bytes;
    bytesWaiting -= item.request.bytes;
    if (backlog.byKey.get(item.key) === item) backlog.byKey.delete(item.key);
    if (backlog.items.length === 0 && backlog.held === 0) backlogs.delete(backlog.id);
    if (backlogs.size === 0) idle?.();
  }

  function refuseAll(backlog: Backlog, error: unknown): void {
    for (const item of [...backlog.items]) {
      item.reject(error);
      leave(backlog, item);
    }
  }

  /**
   * Keeps a conversation out of the batches while `work` goes on, behind what holds it already. Where it fails, everybody
   * who waits there is told.
   */
  function hold(backlog: Backlog, work: () => Promise<void>): void {
    if (backlog.held === 0) for (const item of backlog.items) item.heardOf(storedAt);
    backlog.held += 1;
    backlog.holding = backlog.holding
      .then(work)
      .catch((error: unknown) => {
        if (!isDatabaseAway(error) && !(error instanceof AppError)) {
          log.error({ reason: reasonOf(error), conversationId: backlog.id }, 'an append failed');
        }
        refuseAll(backlog, isDatabaseAway(error) ? unavailable(error) : error);
      })
      .then(() => {
        backlog.held -= 1;
        if (backlog.held > 0) return;
        if (backlog.items.length === 0) backlogs.delete(backlog.id);
        if (backlogs.size === 0) idle?.();
        ready();
      });
  }

  return {
    append,
    backlogOf,
    leave,
    hold,

    /** A batch is in the log. */
    heardOf: () => void (storedAt = performance.now()),

    /** Those with something to write and nothing in the way, the one that has waited longest first. */
    free: (): Backlog[] =>
      [...backlogs.values()].filter((backlog) => backlog.held === 0 && backlog.items.length > 0),

    toTheEnd(backlog: Backlog): void {
      backlogs.delete(backlog.id);
      backlogs.set(backlog.id, backlog);
    },

    /** Nothing new is taken; resolves once all that waited is stored or refused (true), or after `timeoutMs` (false). */
    async close(timeoutMs: number): Promise<boolean> {
      closed = true;
      if (backlogs.size === 0) return true;
      return new Promise((resolve) => {
        const giveUp = setTimeout(() => resolve(false), timeoutMs);
        idle = () => {
          clearTimeout(giveUp);
          resolve(true);
        };
      });
    },
  };
}

/** Not the error whole: MongoDB's carry the documents that could not be written. */
export const reasonOf = (error: unknown): string | undefined =>
  error instanceof Error ? error.stack : String(error);
export const conflict = (): AppError =>
  new AppError('CONFLICT', 'This clientId was used for another message');
export const unknownOutcome = (cause?: unknown): AppError =>
  new AppError('RETRY', 'It is not known whether this was stored. Please send it again', { cause });
