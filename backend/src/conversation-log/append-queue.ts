import type { Logger } from 'pino';
import { AppError, isDatabaseAway, unavailable } from '../core/errors.js';
import { type Append, type Appended, type Backlog, busy, conflict, reasonOf, Waiting } from './append.js';
import { createBacklogs } from './backlogs.js';
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
  const backlogs = createBacklogs({ now });
  const { leave, free, toTheEnd } = backlogs;
  /** When the database last stored a batch. That is a word to all who wait for their turn behind it. */
  let storedAt = 0;
  let closed = false;
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
    const backlog = backlogs.of(request.conversationId);
    const twin = backlog.byKey.get(key);
    if (twin) return followTwin(twin, request, append);
    if (backlogs.isFull(backlog, request.bytes)) {
      backlogs.dropEmpty(backlog);
      return Promise.reject(busy());
    }
    const item = backlogs.enqueue(backlog, key, request);
    answerInTime(item);
    ready();
    return item.answered;
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
        backlogs.released(backlog);
        ready();
      });
  }

  return {
    append,
    backlogOf: (id: string): Backlog => backlogs.of(id),
    leave,
    hold,
    free,
    toTheEnd,
    waiting: backlogs.waiting,

    /** A batch is in the log. */
    databaseAnswered: () => void (storedAt = performance.now()),

    /** Nothing new is taken; resolves once all that waited is stored or refused (true), or after `timeoutMs` (false). */
    async close(timeoutMs: number): Promise<boolean> {
      closed = true;
      return backlogs.empty(timeoutMs);
    },
  };
}

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
