import type { Logger } from 'pino';
import { mongo } from 'mongoose';
import { AppError, isDatabaseAway, unavailable } from '../core/errors.js';
import { isDuplicateKey } from '../database/duplicate-key.js';
import {
  type Backlog,
  bounds,
  busy,
  conflict,
  reasonOf,
  unknownOutcome,
  type Waiting,
  within,
} from './append.js';
import type { AppendQueue } from './append-queue.js';
import type { AsRead } from './durability.js';
import { entryIndexes } from './entries.model.js';
import type { Repeats } from './repeats.js';
import type { TailCache } from './tail-cache.js';

/** What another server appended is durable there, and known here, after so many milliseconds, at least and at most. */
const learnMs = { least: 20, most: 200 } as const;
/** Two servers that read the tail again do not do so at the same moment. */
const jitterMs = 5;

export interface AppendFailuresDeps {
  queue: Pick<AppendQueue, 'backlogOf' | 'hold' | 'leave'>;
  tails: Pick<TailCache, 'get' | 'forget' | 'learned' | 'markShared'>;
  /** Whether other servers say what they appended: then the tail is known a moment later, without a read. */
  hearsOthers: () => boolean;
  repeats: Pick<Repeats, 'storedFor' | 'emitAgain'>;
  /** These are durable. @returns publishes and answers those whose heads may follow behind */
  stored: (items: readonly Waiting[]) => () => void;
  /** True once what this process wrote is durable, where the write concern may not have been awaited. */
  confirm: (entry: AsRead) => Promise<boolean>;
  /** What an insert has taken lately, in milliseconds: about what it takes other servers. */
  insertTakes: () => number;
  log: Logger;
  now: () => number;
  random: () => number;
}

/** What follows where an insert did not go through as a whole. */
export function createAppendFailures(deps: AppendFailuresDeps) {
  const { queue, tails, hearsOthers, repeats, stored, confirm, insertTakes, log, now, random } = deps;
  const { backlogOf, hold, leave } = queue;

  /** The insert did not go through as a whole. */
  async function stopped(batch: readonly Waiting[], error: unknown): Promise<void> {
    const at = error instanceof mongo.MongoBulkWriteError ? firstWriteError(error) : undefined;
    const refused = at === undefined ? undefined : batch[at.index];
    if (!at || !refused) {
      unknown(batch, error);
      return;
    }
    const before = batch.slice(0, at.index);
    const last = before.at(-1)?.row;
    try {
      // Their write concern may not have been awaited.
      if (last && !(await confirm(last))) {
        unknown(before, error);
        return;
      }
    } catch (cause) {
      unknown(before, cause);
      return;
    }
    stored(before)();
    const backlog = backlogOf(refused.request.conversationId);
    if (!isDuplicateKey(at)) {
      // Not a matter of who else writes: this entry alone cannot be stored, and must not block the others.
      log.error(
        { reason: reasonOf(error), conversationId: backlog.id },
        'an entry was refused by the database',
      );
      refused.reject(new AppError('INTERNAL', 'Something went wrong on our side'));
      leave(backlog, refused);
    } else if (at.errmsg?.includes(entryIndexes.clientId)) {
      hold(backlog, () => answerRepeat(backlog, refused));
    } else {
      lost(backlog, refused.row?.seq ?? 0);
    }
  }

  /**
   * Another server took the number: it says so once that is durable, or else the tail is read again. Whoever has waited too
   * long for that gives up.
   */
  function lost(backlog: Backlog, seq: number): void {
    tails.markShared(backlog.id);
    const isKnown = (tails.get(backlog.id)?.seq ?? 0) >= seq;
    if (!isKnown) tails.forget(backlog.id);
    for (const item of [...backlog.items]) {
      item.databaseAnswered();
      if (now() - item.since <= bounds.contentionMs) continue;
      // None of these is stored: what an insert may have left without an answer is not in the backlog any more.
      item.reject(busy());
      leave(backlog, item);
    }
    if (isKnown) return;
    const waitMs = hearsOthers() ? within(learnMs, 2 * insertTakes()) : random() * jitterMs;
    hold(backlog, () => tails.learned(backlog.id, seq, waitMs));
  }

  async function answerRepeat(backlog: Backlog, item: Waiting): Promise<void> {
    const entry = await repeats.storedFor(item.request);
    // Vanished meanwhile. The item stays and is tried again.
    if (!entry) return;
    leave(backlog, item);
    if (entry.payloadHash !== item.request.payloadHash) item.reject(conflict());
    else item.resolve(await repeats.emitAgain(entry));
  }

  /** No answer, or one that says nothing: never "failed", because the write may still land. */
  function unknown(batch: readonly Waiting[], error: unknown): void {
    if (!isDatabaseAway(error)) log.error({ reason: reasonOf(error) }, 'an insert ended in an unknown way');
    const notSent = error instanceof mongo.MongoServerSelectionError;
    for (const item of batch) {
      const backlog = backlogOf(item.request.conversationId);
      tails.forget(backlog.id);
      item.reject(notSent ? unavailable(error) : unknownOutcome(error));
      leave(backlog, item);
    }
  }

  return stopped;
}

function firstWriteError(error: mongo.MongoBulkWriteError): mongo.WriteError | undefined {
  // Typed as one or many.
  return [error.writeErrors].flat<mongo.OneOrMore<mongo.WriteError>[]>()[0];
}
