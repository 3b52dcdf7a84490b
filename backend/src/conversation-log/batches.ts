import { Types } from 'mongoose';
import { isDatabaseAway } from '../core/errors.js';
import { type Backlog, bounds, type Waiting } from './append.js';
import type { AppendQueue } from './append-queue.js';
import type { AsRead } from './durability.js';
import type { EntryRow } from './entries.model.js';
import { numbered } from './numbering.js';
import { emptyTail, type Tail, tailOf, type TailCache } from './tail-cache.js';
import type { Turns } from './turns.js';

/** Where tests pause, to replay what a crash does in between. */
export interface BatchesHooks {
  /** The tail of the log was read and not settled yet. */
  tailRead?: (conversationId: string) => Promise<void>;
}

export interface BatchesDeps {
  queue: Pick<AppendQueue, 'free' | 'hold' | 'leave' | 'toTheEnd'>;
  tails: TailCache;
  turns: Pick<Turns, 'waitMs' | 'isOwn'>;
  /** The newest entry of a conversation as it is now read. */
  readTail: (conversationId: Types.ObjectId) => Promise<EntryRow | null>;
  /** True once what was read is durable; false where it vanished. */
  ensureDurable: (entry: AsRead) => Promise<boolean>;
  now: () => number;
  hooks: BatchesHooks;
  /** Inserts what is one conversation's, which is held meanwhile. */
  insertAlone: (batch: readonly Waiting[]) => Promise<void>;
}

/** What is inserted together, each entry with its number. */
export function createBatches(deps: BatchesDeps) {
  const { queue, tails, turns, readTail, ensureDurable, now, hooks, insertAlone } = deps;
  const { hold, leave } = queue;
  let insertsAlone = 0;

  /** Numbers what waits. Conversations that were not reached go first next time, because a taken one moves to the end. */
  function nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    /** Of conversations into which other servers append as well, and where it is this one's turn. */
    const ofTurns: Waiting[] = [];
    let bytes = 0;
    for (const backlog of queue.free()) {
      const tail = tails.get(backlog.id);
      if (!tail) {
        hold(backlog, () => loadTail(backlog));
        continue;
      }
      const isShared = tails.isShared(backlog.id);
      if (isShared && !mayAppend(backlog, tail)) continue;
      const together = numberedOf(backlog, tail);
      if (isShared && !turns.isOwn(backlog.id, tail)) {
        // Other servers may take its numbers, and the first one that is lost stops all that follows it in an insert.
        if (together.length > 0) insertByItself(backlog, together);
        continue;
      }
      for (const item of together) {
        (isShared ? ofTurns : batch).push(item);
        bytes += item.request.bytes;
      }
      queue.toTheEnd(backlog);
      if (batch.length + ofTurns.length >= bounds.batchEntries || bytes >= bounds.batchBytes) break;
    }
    // At the end, where a number that is lost all the same stops none of those that are this server's alone.
    return [...batch, ...ofTurns];
  }

  /** Where other servers append as well: it is not the turn of one of them, or that is over. */
  function mayAppend(backlog: Backlog, tail: Tail): boolean {
    const waitMs = turns.waitMs(backlog.id, tail);
    if (waitMs > 0) hold(backlog, () => tails.learned(backlog.id, tail.seq + 1, waitMs));
    return waitMs === 0 && (insertsAlone < bounds.sharedInserts || turns.isOwn(backlog.id, tail));
  }

  /** The first of one conversation, with their numbers. None where the rights of the very first are checked again before. */
  function numberedOf(backlog: Backlog, tail: Tail): Waiting[] {
    const together: Waiting[] = [];
    let last = tail;
    for (const item of backlog.items.slice(0, bounds.batchPerConversation)) {
      if (item.membersVersion < last.membersVersion) {
        // A message that waits behind its author's removal is refused, also within one batch.
        if (last === tail) hold(backlog, () => recheck(backlog, item, tail.membersVersion));
        break;
      }
      item.row = numbered(item.request, last, now());
      last = tailOf(item.row);
      together.push(item);
    }
    return together;
  }

  function insertByItself(backlog: Backlog, together: readonly Waiting[]): void {
    insertsAlone += 1;
    hold(backlog, () => insertAlone(together).finally(() => void (insertsAlone -= 1)));
    queue.toTheEnd(backlog);
  }

  /** Reads the tail of the log and settles it: only a durable predecessor may be built on. */
  async function loadTail(backlog: Backlog): Promise<void> {
    const conversationId = new Types.ObjectId(backlog.id);
    for (;;) {
      const tail = await readTail(conversationId);
      await hooks.tailRead?.(backlog.id);
      if (tail && !(await ensureDurable(tail))) continue;
      tails.set(backlog.id, tail ? tailOf(tail) : emptyTail);
      return;
    }
  }

  async function recheck(backlog: Backlog, item: Waiting, membersVersion: number): Promise<void> {
    try {
      item.membersVersion = Math.max(await item.request.rights.recheck(membersVersion), membersVersion);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      item.reject(error);
      leave(backlog, item);
    }
  }

  return { nextBatch };
}
