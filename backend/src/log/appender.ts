import { mongo, Types } from 'mongoose';
import type { Logger } from 'pino';
import { AppError, isDatabaseAway, unavailable } from '../core/errors.js';
import {
  type Entries,
  entryIndexes,
  type EntryPayload,
  type EntryRow,
  type MessageRow,
} from './entries.model.js';
import { isChange } from './apply.js';
import type { Heads } from './heads.js';
import type { AsRead } from './settle.js';
import { bottom, type Top, topOf, type Tops } from './tops.js';

/** Bounds of what waits (PROTOCOL.md, Append 2). Beyond them the answer is BUSY. */
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
  /** A sender hears something within 3 s, whatever the database does. */
  answerMs: 2_800,
} as const;

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
}

export interface Rights {
  /** Seq of the membership change that the rights were checked against. */
  membersVersion: number;
  /** Checks them again, because the log went on: answers the new version, or throws what the sender is told. */
  recheck: () => Promise<number>;
}

export interface Appended {
  entry: EntryRow;
  /** For a change: the message that it changed, as it now is. */
  target?: MessageRow | undefined;
  /** True where the entry was there already. */
  repeat: boolean;
}

interface Waiting extends Append {
  key: string;
  since: number;
  /** Not fixed at the first attempt: every attempt uses a fresh `_id`. */
  row: EntryRow | undefined;
  membersVersion: number;
  answered: Promise<Appended>;
  resolve: (appended: Appended) => void;
  reject: (error: unknown) => void;
}

/** One conversation's queue. */
interface Lane {
  id: string;
  items: Waiting[];
  bytes: number;
  byKey: Map<string, Waiting>;
  /** Reading the top, checking rights again, storing a head: one after the other, and no entry is written meanwhile. */
  held: number;
  holding: Promise<void>;
}

/** Where tests pause, to replay the counterexamples of PROTOCOL.md. */
export interface AppenderHooks {
  /** The top of the log was read and not settled yet. */
  topRead?: (conversationId: string) => Promise<void>;
}

export interface AppenderDeps {
  entries: Entries;
  tops: Tops;
  heads: Heads;
  writeConcern: mongo.WriteConcernSettings;
  /** The newest entry of a conversation as it is now read. */
  readTop: (conversationId: Types.ObjectId) => Promise<EntryRow | null>;
  /** True once what was read is durable; false where it vanished. */
  ensureDurable: (entry: AsRead) => Promise<boolean>;
  /** The same for what this process wrote, where the write concern may not have been awaited. */
  confirm: (entry: AsRead) => Promise<boolean>;
  /** Tells the world, in `seq` order within a conversation. Best effort: it neither throws nor waits. */
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

/**
 * The only thing that inserts into `entries` (PROTOCOL.md, Append). Appends that wait while an insert is in flight go
 * into the next one together. An insert of n + 1 is only tried once n is known to be durable, so the log has no holes.
 */
export function createAppender(deps: AppenderDeps) {
  const {
    entries,
    tops,
    heads,
    writeConcern,
    readTop,
    ensureDurable,
    confirm,
    targetsOf,
    publish,
    log,
    now,
    hooks = {},
  } = deps;
  const random = deps.random ?? Math.random;
  const lanes = new Map<string, Lane>();
  let bytesWaiting = 0;
  let pumping = false;
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
    const lane = laneOf(request.conversationId);
    const twin = lane.byKey.get(key);
    if (twin) return followTwin(twin, request);
    if (
      lane.items.length >= bounds.entriesPerConversation ||
      lane.bytes + request.bytes > bounds.bytesPerConversation ||
      bytesWaiting + request.bytes > bounds.bytesPerProcess
    ) {
      if (lane.items.length === 0 && lane.held === 0) lanes.delete(lane.id);
      return Promise.reject(
        new AppError('BUSY', 'Too much is being written here. Please try again in a moment'),
      );
    }
    const item = enqueue(lane, key, request);
    pump();
    return item.answered;
  }

  function laneOf(id: string): Lane {
    let lane = lanes.get(id);
    if (!lane) {
      lane = { id, items: [], bytes: 0, byKey: new Map(), held: 0, holding: Promise.resolve() };
      lanes.set(id, lane);
    }
    return lane;
  }

  function enqueue(lane: Lane, key: string, request: Append): Waiting {
    let resolve!: (appended: Appended) => void;
    let reject!: (error: unknown) => void;
    const settled = new Promise<Appended>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    // Later outcomes change nothing for who was answered already, and the two unique indexes make a late landing harmless.
    const timer = setTimeout(() => reject(unknownOutcome()), bounds.answerMs);
    const answered = settled.finally(() => clearTimeout(timer));
    const item: Waiting = {
      ...request,
      key,
      since: now(),
      row: undefined,
      membersVersion: request.rights.membersVersion,
      answered,
      resolve,
      reject,
    };
    lane.items.push(item);
    lane.bytes += request.bytes;
    lane.byKey.set(key, item);
    bytesWaiting += request.bytes;
    return item;
  }

  async function followTwin(twin: Waiting, request: Append): Promise<Appended> {
    const answered = await twin.answered;
    if (twin.payloadHash !== request.payloadHash) throw conflict();
    return { ...answered, repeat: true };
  }

  /** Takes answered entries off the front of their lane. */
  function leave(lane: Lane, item: Waiting): void {
    const index = lane.items.indexOf(item);
    if (index === -1) return;
    lane.items.splice(index, 1);
    lane.bytes -= item.bytes;
    bytesWaiting -= item.bytes;
    if (lane.byKey.get(item.key) === item) lane.byKey.delete(item.key);
    if (lane.items.length === 0 && lane.held === 0) lanes.delete(lane.id);
    if (lanes.size === 0) idle?.();
  }

  function refuseAll(lane: Lane, error: unknown): void {
    for (const item of [...lane.items]) {
      item.reject(error);
      leave(lane, item);
    }
  }

  function pump(): void {
    if (pumping) return;
    pumping = true;
    // What arrives in this turn of the event loop shares the batch.
    setImmediate(() => {
      run().catch((error: unknown) => log.error({ reason: reasonOf(error) }, 'the appender failed'));
    });
  }

  async function run(): Promise<void> {
    try {
      for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) await write(batch);
    } finally {
      pumping = false;
    }
  }

  /** Numbers what waits. Conversations that were not reached go first next time, because a taken one moves to the end. */
  function nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (const lane of [...lanes.values()]) {
      if (lane.held > 0 || lane.items.length === 0) continue;
      const top = tops.get(lane.id);
      if (!top) {
        hold(lane, () => loadTop(lane));
        continue;
      }
      let last = top;
      for (const item of lane.items.slice(0, bounds.batchPerConversation)) {
        if (item.membersVersion < last.membersVersion) {
          // A message that waits behind its author's removal is refused, also within one batch.
          if (last === top) hold(lane, () => recheck(lane, item, last.membersVersion));
          break;
        }
        item.row = number(item, last);
        last = topOf(item.row);
        batch.push(item);
        bytes += item.bytes;
      }
      lanes.delete(lane.id);
      lanes.set(lane.id, lane);
      if (batch.length >= bounds.batchEntries || bytes >= bounds.batchBytes) break;
    }
    return batch;
  }

  function number(item: Waiting, previous: Top): EntryRow {
    const seq = previous.seq + 1;
    const at = new Date(Math.max(now(), previous.at));
    const base = {
      _id: new Types.ObjectId(),
      conversationId: new Types.ObjectId(item.conversationId),
      seq,
      senderId: new Types.ObjectId(item.senderId),
      clientId: item.clientId,
      payloadHash: item.payloadHash,
      at,
      messageCount: previous.messageCount,
      membersVersion: previous.membersVersion,
    };
    const { payload } = item;
    if (payload.kind === 'message')
      return { ...base, messageCount: base.messageCount + 1, ...payload, updatedAt: at };
    if (payload.kind === 'member') return { ...base, membersVersion: seq, ...payload };
    return { ...base, ...payload };
  }

  function hold(lane: Lane, work: () => Promise<void>): void {
    lane.held += 1;
    lane.holding = lane.holding
      .then(work)
      .catch((error: unknown) => {
        if (!isDatabaseAway(error) && !(error instanceof AppError)) {
          log.error({ reason: reasonOf(error), conversationId: lane.id }, 'an append failed');
        }
        refuseAll(lane, isDatabaseAway(error) ? unavailable(error) : error);
      })
      .then(() => {
        lane.held -= 1;
        if (lane.held > 0) return;
        if (lane.items.length === 0) lanes.delete(lane.id);
        if (lanes.size === 0) idle?.();
        pump();
      });
  }

  /** Reads the top of the log and settles it: only a durable predecessor may be built on. */
  async function loadTop(lane: Lane): Promise<void> {
    const conversationId = new Types.ObjectId(lane.id);
    for (;;) {
      const top = await readTop(conversationId);
      await hooks.topRead?.(lane.id);
      if (top && !(await ensureDurable(top))) continue;
      tops.set(lane.id, top ? topOf(top) : bottom);
      return;
    }
  }

  async function recheck(lane: Lane, item: Waiting, membersVersion: number): Promise<void> {
    try {
      item.membersVersion = Math.max(await item.rights.recheck(), membersVersion);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      item.reject(error);
      leave(lane, item);
    }
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    const rows = batch.map((item) => item.row).filter((row) => row !== undefined);
    try {
      // Ordered: an entry that is refused in the middle stops what follows it, or its number would become a hole.
      await entries.collection.insertMany(rows, { ordered: true, writeConcern });
      stored(batch);
    } catch (error) {
      await stopped(batch, error);
    }
  }

  /** These are durable. Heads, telling and answering follow, conversation by conversation. */
  function stored(items: readonly Waiting[]): void {
    const byLane = new Map<string, Waiting[]>();
    for (const item of items) {
      const together = byLane.get(item.conversationId);
      if (together) together.push(item);
      else byLane.set(item.conversationId, [item]);
    }
    for (const [id, together] of byLane) {
      const lane = laneOf(id);
      const following = together.map((item) => item.row).filter((row) => row !== undefined);
      const last = following.at(-1);
      if (last) tops.set(id, topOf(last));
      if (heads.isWarm(id, following[0]?.seq ?? 0) && !following.some(isChange)) {
        heads.behind(id, following);
        answer(lane, together);
      } else {
        hold(lane, async () => {
          let targets: Map<number, MessageRow>;
          try {
            await heads.advance(id, following);
            targets = await targetsOf(new Types.ObjectId(id), following);
          } catch (error) {
            // The entries are in the log, the head is not: their senders try again and are told "repeat".
            for (const item of together) {
              item.reject(unknownOutcome(error));
              leave(lane, item);
            }
            throw error;
          }
          answer(lane, together, targets);
        });
      }
    }
  }

  function answer(
    lane: Lane,
    items: readonly Waiting[],
    targets: ReadonlyMap<number, MessageRow> = new Map(),
  ): void {
    for (const item of items) {
      leave(lane, item);
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
    stored(before);
    const lane = laneOf(refused.conversationId);
    if (at.code !== 11000) {
      // Not a matter of who else writes: this entry alone cannot be stored, and must not block the others.
      log.error({ reason: reasonOf(error), conversationId: lane.id }, 'an entry was refused by the database');
      refused.reject(new AppError('INTERNAL', 'Something went wrong on our side'));
      leave(lane, refused);
    } else if (at.message.includes(entryIndexes.clientId)) {
      hold(lane, () => answerRepeat(lane, refused));
    } else {
      lost(lane, refused);
    }
  }

  /** Another server took the number: read the top again, with jitter. */
  function lost(lane: Lane, item: Waiting): void {
    tops.forget(lane.id);
    if (now() - item.since > bounds.contentionMs) {
      item.reject(new AppError('BUSY', 'Too much is being written here. Please try again in a moment'));
      leave(lane, item);
      return;
    }
    hold(lane, async () => {
      await new Promise((resume) => setTimeout(resume, random() * 5));
    });
  }

  async function answerRepeat(lane: Lane, item: Waiting): Promise<void> {
    const entry = await entries.model
      .findOne({
        conversationId: item.conversationId,
        senderId: item.senderId,
        clientId: item.clientId,
      })
      .lean();
    // Vanished meanwhile: it was never durable. The item stays and is tried again.
    if (!entry || !(await ensureDurable(entry))) return;
    leave(lane, item);
    if (entry.payloadHash !== item.payloadHash) {
      item.reject(conflict());
      return;
    }
    // Its first try may have died before the head was written, or before anybody was told.
    await heads.help(lane.id);
    const target = isChange(entry)
      ? (await targetsOf(entry.conversationId, [entry])).get(entry.targetSeq)
      : undefined;
    publish(entry, target);
    item.resolve({ entry, target, repeat: true });
  }

  /** No answer, or one that says nothing: never "failed", because the write may still land. */
  function unknown(batch: readonly Waiting[], error: unknown): void {
    if (!isDatabaseAway(error)) log.error({ reason: reasonOf(error) }, 'an insert ended in an unknown way');
    const notSent = error instanceof mongo.MongoServerSelectionError;
    for (const item of batch) {
      const lane = laneOf(item.conversationId);
      tops.forget(lane.id);
      item.reject(notSent ? unavailable(error) : unknownOutcome(error));
      leave(lane, item);
    }
  }

  return {
    append,

    /** Nothing new is taken; resolves once all that waited was answered, or after `timeoutMs`. */
    async close(timeoutMs: number): Promise<void> {
      closed = true;
      if (lanes.size === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        idle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}

/** Not the error whole: MongoDB's carry the documents that could not be written. */
const reasonOf = (error: unknown): string | undefined =>
  error instanceof Error ? error.stack : String(error);
const conflict = (): AppError => new AppError('CONFLICT', 'This clientId was used for another message');
const unknownOutcome = (cause?: unknown): AppError =>
  new AppError('RETRY', 'It is not known whether this was stored. Please send it again', { cause });

function firstWriteError(
  error: mongo.MongoBulkWriteError,
): { index: number; code: number; message: string } | undefined {
  // Typed as one or many.
  const [first] = [error.writeErrors].flat<mongo.OneOrMore<mongo.WriteError>[]>();
  return first ? { index: first.index, code: first.code, message: first.errmsg ?? '' } : undefined;
}
