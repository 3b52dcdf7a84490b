import { mongo, Types } from 'mongoose';
import type { Logger } from 'pino';
import { AppError, isDatabaseAway, unavailable } from '../core/errors.js';
import { isDuplicateKey } from '../database/duplicate-key.js';
import {
  type Entries,
  type EntryBase,
  entryIndexes,
  type EntryRow,
  type MessageRow,
} from './entries.model.js';
import { isChange } from './message-projection.js';
import type { Heads } from './heads.js';
import { isMembership } from './membership.js';
import type { AsRead } from './durability.js';
import {
  type Append,
  type Appended,
  type Backlog,
  bounds,
  conflict,
  reasonOf,
  unknownOutcome,
  type Waiting,
} from './append.js';
import { createAppendQueue } from './append-queue.js';
import { emptyTail, type Tail, tailOf, type TailCache } from './tail-cache.js';

/** Where tests pause, to replay what a crash does in between. */
export interface AppenderHooks {
  /** The tail of the log was read and not settled yet. */
  tailRead?: (conversationId: string) => Promise<void>;
}

export interface AppenderDeps {
  entries: Entries;
  tails: TailCache;
  heads: Heads;
  /** The newest entry of a conversation as it is now read. */
  readTail: (conversationId: Types.ObjectId) => Promise<EntryRow | null>;
  /** True once what was read is durable; false where it vanished. */
  ensureDurable: (entry: AsRead) => Promise<boolean>;
  /** The same for what this process wrote, where the write concern may not have been awaited. */
  confirm: (entry: AsRead) => Promise<boolean>;
  /** Tells the world, in `seq` order within a conversation. Best effort: it neither throws nor waits. */
  /** Says that an entry is in the log for good. Never throws. */
  publish: (entry: EntryRow, target?: MessageRow) => void;
  /** The messages that changes among these entries of one conversation point to, as they now are, by seq. */
  targetsOf: (
    conversationId: Types.ObjectId,
    entries: readonly EntryRow[],
  ) => Promise<Map<number, MessageRow>>;
  log: Logger;
  now: () => number;
  random?: () => number;
  hooks?: AppenderHooks;
}

export type Appender = ReturnType<typeof createAppender>;

/** What an append is known by. */
type Asked = Pick<Append, 'conversationId' | 'senderId' | 'clientId' | 'payloadHash'>;

/**
 * The only thing that inserts into `entries`. Appends that wait while an insert is in flight go
 * into the next one together. An insert of n + 1 is only tried once n is known to be durable, so the log has no holes.
 */
export function createAppender(deps: AppenderDeps) {
  const {
    entries,
    tails,
    heads,
    readTail,
    ensureDurable,
    confirm,
    targetsOf,
    publish,
    log,
    now,
    hooks = {},
  } = deps;
  const random = deps.random ?? Math.random;
  const queue = createAppendQueue({ log, now, ready: () => pump() });
  const { hold, backlogOf, leave } = queue;
  let pumping = false;
  let running: Promise<void> = Promise.resolve();

  function pump(): void {
    if (pumping) return;
    pumping = true;
    // What arrives in this turn of the event loop shares the batch.
    running = new Promise((resolve) => setImmediate(resolve))
      .then(run)
      .catch((error: unknown) => log.error({ reason: reasonOf(error) }, 'the appender failed'));
  }

  /** The next batch is on its way to the database before those of the last one are told and answered. */
  async function run(): Promise<void> {
    try {
      let answerLast = nothing;
      for (;;) {
        const batch = nextBatch();
        const writing = batch.length > 0 ? write(batch) : undefined;
        // The driver hands it over within this turn of the event loop.
        if (writing) await new Promise((resume) => setImmediate(resume));
        answerLast();
        if (!writing) return;
        answerLast = await writing;
      }
    } finally {
      pumping = false;
    }
  }

  /** Numbers what waits. Conversations that were not reached go first next time, because a taken one moves to the end. */
  function nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (const backlog of queue.free()) {
      const tail = tails.get(backlog.id);
      if (!tail) {
        hold(backlog, () => loadTail(backlog));
        continue;
      }
      let last = tail;
      for (const item of backlog.items.slice(0, bounds.batchPerConversation)) {
        if (item.membersVersion < last.membersVersion) {
          // A message that waits behind its author's removal is refused, also within one batch.
          if (last === tail) hold(backlog, () => recheck(backlog, item, last.membersVersion));
          break;
        }
        item.row = number(item, last);
        last = tailOf(item.row);
        batch.push(item);
        bytes += item.request.bytes;
      }
      queue.toTheEnd(backlog);
      if (batch.length >= bounds.batchEntries || bytes >= bounds.batchBytes) break;
    }
    return batch;
  }

  function number({ request }: Waiting, previous: Tail): EntryRow {
    const { conversationId, senderId, clientId, payloadHash, payload, hiddenFor } = request;
    const seq = previous.seq + 1;
    const at = new Date(Math.max(now(), previous.at));
    const base: EntryBase = {
      _id: new Types.ObjectId(),
      conversationId: new Types.ObjectId(conversationId),
      seq,
      senderId: new Types.ObjectId(senderId),
      clientId,
      payloadHash,
      at,
      messageCount: payload.kind === 'message' ? previous.messageCount + 1 : previous.messageCount,
      membersVersion: payload.kind === 'member' ? seq : previous.membersVersion,
    };
    const blind = hiddenFor?.();
    if (blind !== undefined) base.hiddenFor = new Types.ObjectId(blind);
    // Assigned and not spread: an object made of two spreads took 6 µs, and twice as long as another one to be read.
    return payload.kind === 'message'
      ? Object.assign(base, payload, { updatedAt: at })
      : Object.assign(base, payload);
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

  /** @returns what is left to do once they are durable: telling and answering. */
  async function write(batch: readonly Waiting[]): Promise<() => void> {
    const rows = batch.map((item) => item.row).filter((row) => row !== undefined);
    try {
      // Ordered: an entry that is refused in the middle stops what follows it, or its number would become a hole.
      await entries.collection.insertMany(rows, { ordered: true });
      queue.heardOf();
      return stored(batch);
    } catch (error) {
      await stopped(batch, error);
      return nothing;
    }
  }

  /**
   * These are durable. Heads, telling and answering follow, conversation by conversation.
   * @returns tells and answers those whose heads may follow behind; the others see to themselves.
   */
  function stored(items: readonly Waiting[]): () => void {
    const byLane = new Map<string, Waiting[]>();
    for (const item of items) {
      const { conversationId } = item.request;
      const together = byLane.get(conversationId);
      if (together) together.push(item);
      else byLane.set(conversationId, [item]);
    }
    const warm: Waiting[] = [];
    for (const [id, together] of byLane) {
      const backlog = backlogOf(id);
      const following = together.map((item) => item.row).filter((row) => row !== undefined);
      const last = following.at(-1);
      if (last) tails.set(id, tailOf(last));
      if (heads.isWarm(id, following[0]?.seq ?? 0) && !following.some(hasProjection)) {
        heads.writeBehind(id, following);
        for (const item of together) leave(backlog, item);
        warm.push(...together);
      } else {
        hold(backlog, async () => {
          let targets: Map<number, MessageRow>;
          try {
            await heads.advance(id, following);
            targets = await targetsOf(new Types.ObjectId(id), following);
          } catch (error) {
            // The entries are in the log, the head is not: their senders try again and are told "repeat".
            for (const item of together) {
              item.reject(unknownOutcome(error));
              leave(backlog, item);
            }
            throw error;
          }
          for (const item of together) leave(backlog, item);
          answer(together, targets);
        });
      }
    }
    return () => answer(warm);
  }

  function answer(items: readonly Waiting[], targets: ReadonlyMap<number, MessageRow> = new Map()): void {
    for (const item of items) {
      const entry = item.row;
      if (!entry) continue;
      const target = isChange(entry) ? targets.get(entry.targetSeq) : undefined;
      publish(entry, target);
      item.resolve({ entry, target, repeat: false });
    }
  }

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
      lost(backlog);
    }
  }

  /** Another server took the number: read the tail again, with jitter. Whoever has waited too long for that gives up. */
  function lost(backlog: Backlog): void {
    tails.forget(backlog.id);
    for (const item of [...backlog.items]) {
      item.heardOf();
      if (now() - item.since <= bounds.contentionMs) continue;
      // None of these is stored: what an insert may have left without an answer is not in the backlog any more.
      item.reject(new AppError('BUSY', 'Too much is being written here. Please try again in a moment'));
      leave(backlog, item);
    }
    hold(backlog, async () => {
      await new Promise((resume) => setTimeout(resume, random() * 5));
    });
  }

  async function answerRepeat(backlog: Backlog, item: Waiting): Promise<void> {
    const entry = await storedFor(item.request);
    // Vanished meanwhile. The item stays and is tried again.
    if (!entry) return;
    leave(backlog, item);
    if (entry.payloadHash !== item.request.payloadHash) item.reject(conflict());
    else item.resolve(await emitAgain(entry));
  }

  /** What lies under this clientId, durably; null where nothing does, or where what was read vanished. */
  async function storedFor({ conversationId, senderId, clientId }: Asked): Promise<EntryRow | null> {
    const entry = await entries.model.findOne({ conversationId, senderId, clientId }).lean();
    return entry && (await ensureDurable(entry)) ? entry : null;
  }

  /** Its first try may have died before the head was written, or before anybody was told. */
  async function emitAgain(entry: EntryRow): Promise<Appended> {
    await heads.repair(entry.conversationId.toHexString());
    const target = isChange(entry)
      ? (await targetsOf(entry.conversationId, [entry])).get(entry.targetSeq)
      : undefined;
    publish(entry, target);
    return { entry, target, repeat: true };
  }

  /**
   * The answer to what was asked before, for who has to know it before he decides anew. Null where nothing was stored.
   * @throws AppError CONFLICT (the clientId was used for another content)
   */
  async function repeatOf(asked: Asked): Promise<Appended | null> {
    const entry = await storedFor(asked);
    if (entry && entry.payloadHash !== asked.payloadHash) throw conflict();
    return entry && emitAgain(entry);
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

  return {
    append: queue.append,

    repeatOf,

    /** Nothing new is taken; resolves once all that waited was told and answered, or after `timeoutMs`. */
    async close(timeoutMs: number): Promise<void> {
      if (await queue.close(timeoutMs)) await running;
    },
  };
}

const nothing = (): void => undefined;

/** Changes more than its conversation's head: that comes before anybody is told. */
const hasProjection = (entry: EntryRow): boolean => isChange(entry) || isMembership(entry);

function firstWriteError(error: mongo.MongoBulkWriteError): mongo.WriteError | undefined {
  // Typed as one or many.
  return [error.writeErrors].flat<mongo.OneOrMore<mongo.WriteError>[]>()[0];
}
