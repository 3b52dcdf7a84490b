import type { Logger } from 'pino';
import { AppError, isDatabaseAway, unavailable } from '../core/errors.js';
import {
  type Append,
  type Appended,
  type Backlog,
  bounds,
  busy,
  conflict,
  reasonOf,
  Waiting,
} from './append.js';
import { createPatience } from './patience.js';

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
  /** When the database last stored a batch. That is a word to all who wait for their turn behind it. */
  let storedAt = 0;
  let bytesWaiting = 0;
  let itemsWaiting = 0;
  let closed = false;
  let idle: (() => void) | undefined;
  const answerInTime = createPatience((item) => {
    // Not to who waits for something else of it: that may hang on a connection of its own.
    if (backlogs.get(item.request.conversationId)?.held === 0) item.databaseAnswered(storedAt);
  });

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
    if (twin) return followTwin(twin, request, append);
    if (isFull(backlog, request.bytes, bytesWaiting)) {
      if (backlog.items.length === 0 && backlog.held === 0) backlogs.delete(backlog.id);
      return Promise.reject(busy());
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
    answerInTime(item);
    backlog.items.push(item);
    backlog.bytes += request.bytes;
    backlog.byKey.set(key, item);
    bytesWaiting += request.bytes;
    itemsWaiting += 1;
    return item;
  }

  /** Takes answered entries off the front of their backlog. */
  function leave(backlog: Backlog, item: Waiting): void {
    const index = backlog.items.indexOf(item);
    if (index === -1) return;
    backlog.items.splice(index, 1);
    backlog.bytes -= item.request.bytes;
    bytesWaiting -= item.request.bytes;
    itemsWaiting -= 1;
    if (backlog.byKey.get(item.key) === item) backlog.byKey.delete(item.key);
    if (backlog.items.length === 0 && backlog.held === 0) backlogs.delete(backlog.id);
    if (backlogs.size === 0) idle?.();
  }

  /**
   * Keeps a conversation out of the batches while `work` goes on, behind what holds it already. Where it fails, everybody
   * who waits there is answered so.
   */
  function hold(backlog: Backlog, work: () => Promise<void>): void {
    if (backlog.held === 0) for (const item of backlog.items) item.databaseAnswered(storedAt);
    backlog.held += 1;
    backlog.holding = backlog.holding
      .then(work)
      .catch((error: unknown) => {
        if (!isDatabaseAway(error) && !(error instanceof AppError)) {
          log.error({ reason: reasonOf(error), conversationId: backlog.id }, 'an append failed');
        }
        for (const item of [...backlog.items]) {
          item.reject(isDatabaseAway(error) ? unavailable(error) : error);
          leave(backlog, item);
        }
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

    waiting: (): number => itemsWaiting,

    /** A batch is in the log. */
    databaseAnswered: () => void (storedAt = performance.now()),

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

const isFull = (backlog: Backlog, bytes: number, bytesWaiting: number): boolean =>
  backlog.items.length >= bounds.entriesPerConversation ||
  backlog.bytes + bytes > bounds.bytesPerConversation ||
  bytesWaiting + bytes > bounds.bytesPerProcess;

/** The answer to what is asked again while its first try still waits. */
async function followTwin(
  twin: Waiting,
  request: Append,
  append: (request: Append) => Promise<Appended>,
): Promise<Appended> {
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
