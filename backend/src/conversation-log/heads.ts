import type { Logger } from 'pino';
import { LRUCache } from 'lru-cache';
import { type Model, Types } from 'mongoose';
import { isDatabaseAway } from '../core/errors.js';
import { createActivity } from './activity.js';
import type { WithoutGap } from './gap-repair.js';
import type { ConversationRow } from './conversations.model.js';
import { type Entries, entryIndexes, type EntryRow, isUndeleted } from './entries.model.js';
import { errorName, isForGood } from './set-aside.js';
import { advanced, type Before, type Following, type Head, headOf, isSome, noHead } from './head.js';
import type { AsRead } from './durability.js';
import { messagesSeenAmong } from './visibility.js';

/** A head may be written behind for this long after this process last wrote it. */
export const writtenBehindMs = 60_000;
/** What a crash left behind has a stored `headAt` less than this below the newest one in the collection. */
export const reconciledMs = writtenBehindMs + 1_000;
const retryAfterMs = 1_000;
const pageOfHelp = 500;
const flushAtOnce = 500;
/** Conversations without a head that are looked at in one go. */
export const headlessAtOnce = 1_000;
const headFields = {
  appliedSeq: 1,
  firstSeq: 1,
  headAt: 1,
  lastActivityAt: 1,
  lastMessageSeq: 1,
  shown: 1,
} as const;

export interface HeadsDeps {
  conversations: Model<ConversationRow>;
  entries: Entries;
  /** Applies what these entries of one conversation change elsewhere, in order. Again, or late, ends in the same state. */
  apply: (entries: readonly EntryRow[]) => Promise<void>;
  /** True once this row and all before it are durable; false where it vanished. */
  ensureDurable: (entry: AsRead) => Promise<boolean>;
  withoutGap: WithoutGap;
  log: Logger;
  now: () => number;
  /** How long a head that is written behind may wait for others to be written with it, in milliseconds. Default 100. */
  flushAfterMs?: number | undefined;
}

interface HeadlessPage {
  count: number;
  /** Where the next page begins; undefined behind the last one. */
  last: Types.ObjectId | undefined;
}

export type Heads = ReturnType<typeof createHeads>;

/**
 * The heads of conversations: projections that follow the log in order. Whoever finds one behind repairs it; nobody
 * overwrites one blindly, because a peer's edit that was not applied yet would be lost.
 */
export function createHeads(deps: HeadsDeps) {
  const { conversations, entries, apply, ensureDurable, withoutGap, log, now } = deps;
  const { flushAfterMs = 100 } = deps;
  const activity = createActivity({ conversations, entries, log });
  /** What is stored, as this process last wrote it or saw it. */
  const written = new LRUCache<string, Head>({ max: 50_000 });
  /** What is not known to be stored yet. */
  const dirty = new Map<string, Head>();
  const repairing = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let closed = false;
  /** The latest time of any head that is stored or about to be, as far as is known here. Clocks are set back, this is not. */
  let latestMs = 0;
  /** Up to here those without a head had their turn. */
  let headlessSeen: Types.ObjectId | undefined;

  const schedule = (delayMs: number): void => {
    if (timer || closed) return;
    timer = setTimeout(() => {
      timer = undefined;
      flush().catch((error: unknown) => {
        log.warn({ err: error }, 'heads could not be written; trying again');
        clearTimeout(timer);
        timer = undefined;
        schedule(retryAfterMs);
      });
    }, delayMs);
  };

  const setHead = (head: Head): Partial<ConversationRow> => ({
    appliedSeq: head.seq,
    headAt: head.at,
    ...(head.lastActivityAt === undefined ? {} : { lastActivityAt: head.lastActivityAt }),
    ...(head.lastMessageSeq === undefined ? {} : { lastMessageSeq: head.lastMessageSeq }),
    ...(head.shown.length === 0 ? {} : { shown: [...head.shown] }),
  });

  /** Stores what is dirty. A head stays dirty until its update is known to have matched. */
  function flush(): Promise<void> {
    flushing ??= flushOnce().finally(() => {
      flushing = undefined;
      if (dirty.size > 0) schedule(flushAfterMs);
    });
    return flushing;
  }

  /**
   * Stores all that is dirty now, also where a flush began before it was.
   * @param concerns where none of the conversations that it says yes to is dirty, nothing is stored.
   */
  async function flushAll(concerns: (id: string) => boolean = () => true): Promise<void> {
    if (![...dirty.keys()].some(concerns)) return;
    // Where that one finds the database away, the next one would take as long to find out the same.
    if (flushing) await flushing;
    if (dirty.size > 0) await flush();
  }

  async function flushOnce(): Promise<void> {
    // Only what is dirty now: under steady traffic there is always more, and it may wait for its own turn.
    const all = [...dirty];
    for (let start = 0; start < all.length; start += flushAtOnce) {
      await flushBatch(all.slice(start, start + flushAtOnce));
    }
  }

  /** A head that is known to be stored makes every lower one worthless: written late, it would take the stored one back. */
  function isStored(id: string, head: Head): void {
    if ((written.get(id)?.seq ?? 0) < head.seq) written.set(id, head);
    const waiting = dirty.get(id);
    if (waiting && waiting.seq <= head.seq) dirty.delete(id);
  }

  async function flushBatch(batch: [id: string, head: Head][]): Promise<void> {
    const updates = batch
      .map(([id, head]) => ({ id, head, before: written.get(id)?.seq }))
      // Somebody repaired this one since it became dirty.
      .filter(({ head, before }) => before === undefined || before < head.seq);
    const sure = updates.filter(({ before }) => before !== undefined);
    let matched = 0;
    if (sure.length > 0) {
      const result = await conversations.collection
        .bulkWrite(
          sure.map(({ id, head, before }) => updateOf(id, head, before)),
          { ordered: false },
        )
        .catch((error: unknown) => {
          // One that cannot be stored: the others are, and each is looked at below.
          if (!isForGood(error)) throw error;
          return { matchedCount: 0 };
        });
      matched = result.matchedCount;
    }
    // bulkWrite tells only a sum: where it falls short, each is looked at again.
    const stored = matched < updates.length ? await storedSeqs(updates.map(({ id }) => id)) : undefined;
    for (const { id, head } of updates) {
      const seq = stored ? stored.get(id) : head.seq;
      if (seq === undefined) vanished(id);
      else if (seq >= head.seq) isStored(id, head);
      // Counts as stored only if that stores it; otherwise it stays dirty and has its turn again.
      else await repair(id);
    }
  }

  /** There is no such conversation any more: nobody waits for its head. */
  function vanished(id: string): void {
    written.delete(id);
    dirty.delete(id);
  }

  const updateOf = (id: string, head: Head, before: number | undefined) => ({
    updateOne: {
      filter: { _id: new Types.ObjectId(id), appliedSeq: before },
      update: { $set: setHead(head) },
    },
  });

  /**
   * A head of this time is about to be stored. What is dirty and was last stored long before it (the clock was set forward)
   * would not be looked for any more after a crash, so it is stored first. It stays dirty: the next flush finds it there.
   */
  async function flushOvertaken(by: Head, own: string): Promise<void> {
    // From here on nothing so old is written behind any more.
    latestMs = Math.max(latestMs, by.at.getTime());
    const updates = [...dirty].flatMap(([id, head]) => {
      const stored = written.get(id);
      const overtaken = stored && by.at.getTime() - stored.at.getTime() >= writtenBehindMs;
      return id !== own && overtaken ? [updateOf(id, head, stored.seq)] : [];
    });
    if (updates.length === 0) return;
    await conversations.collection.bulkWrite(updates, { ordered: false }).catch((error: unknown) => {
      // One of those cannot be stored: nothing is the matter with this one. The next flush finds out which it was.
      if (!isForGood(error)) throw error;
    });
  }

  async function storedSeqs(ids: string[]): Promise<Map<string, number>> {
    const rows = await conversations.find({ _id: { $in: ids } }, { appliedSeq: 1 }).lean();
    return new Map(rows.map((row) => [row._id.toHexString(), row.appliedSeq]));
  }

  /** Brings one conversation's projections up to its log. Safe at any time, by anybody, as often as one likes. */
  function repair(id: string): Promise<void> {
    let running = repairing.get(id);
    if (!running) {
      running = repairOnce(new Types.ObjectId(id)).finally(() => repairing.delete(id));
      repairing.set(id, running);
    }
    return running;
  }

  /** Whatever is the matter with one conversation, the others have their turn. */
  async function repairAmongOthers(id: string): Promise<void> {
    try {
      await repair(id);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      log.error({ conversationId: id, reason: errorName(error) }, 'a head could not be repaired');
    }
  }

  async function repairOnce(_id: Types.ObjectId): Promise<void> {
    for (;;) {
      const row = await conversations.findOne({ _id }, headFields).lean();
      if (!row) return;
      if (await activity.correct(row)) continue;
      const page = await entries.model
        .find({ conversationId: _id, seq: { $gt: row.appliedSeq } })
        .sort({ seq: 1 })
        .limit(pageOfHelp)
        .lean();
      if (page.length === 0) return;
      const following = await withoutGap(_id, row.appliedSeq, page);
      // Filled, or by now by somebody else.
      if (!isSome(following)) continue;
      if (!(await ensureDurable(following.at(-1) ?? following[0]))) continue;
      await apply(following);
      if ((await advanceFrom(headOf(row), following)) === 'refused') return;
    }
  }

  /**
   * @returns "overtaken" where the stored head was not at `before`: a peer was faster, or crashed half-way; "refused" where
   * it can never be stored: then it stays behind, with an alarm, and the log goes on without it.
   */
  async function advanceFrom(
    before: Before,
    following: Following,
  ): Promise<'advanced' | 'overtaken' | 'refused'> {
    try {
      return (await storeFrom(before, following)) ? 'advanced' : 'overtaken';
    } catch (error) {
      if (!isForGood(error)) throw error;
      const conversationId = following[0].conversationId.toHexString();
      log.error({ conversationId, reason: errorName(error) }, 'a head can never be stored; it stays behind');
      vanished(conversationId);
      return 'refused';
    }
  }

  async function storeFrom(before: Before, following: Following): Promise<boolean> {
    const id = following[0].conversationId;
    const head = await withoutDeleted(id, advanced(before, following), following);
    await flushOvertaken(head, id.toHexString());
    const result = await conversations.updateOne(
      { _id: id, appliedSeq: before.seq },
      {
        $set: setHead(head),
        ...(head.lastMessageSeq === undefined ? { $unset: { lastMessageSeq: '' } } : {}),
      },
    );
    if (result.matchedCount === 0) return false;
    isStored(id.toHexString(), head);
    return true;
  }

  /** A deletion may have taken the newest message: which one it is now, for everybody who sees another end. */
  async function withoutDeleted(
    conversationId: Types.ObjectId,
    head: Head,
    following: Following,
  ): Promise<Head> {
    if (!following.some((entry) => entry.kind === 'delete')) return head;
    const newest = async (viewerId?: Types.ObjectId): Promise<number | undefined> => {
      const seen = messagesSeenAmong(conversationId, head.shown, viewerId);
      const row = await entries.model
        .findOne({ ...seen, ...isUndeleted, seq: { $lte: head.seq } }, { seq: 1 })
        .sort({ seq: -1 })
        .hint(entryIndexes.undeleted)
        .lean();
      return row?.seq;
    };
    const shown = head.shown.map(async ({ lastMessageSeq: _, ...one }) => {
      const seq = await newest(one.userId);
      return { ...one, ...(seq === undefined ? {} : { lastMessageSeq: seq }) };
    });
    return { ...head, lastMessageSeq: await newest(), shown: await Promise.all(shown) };
  }

  /** The log is asked, not what was written here: another server may have died after it had built on that. */
  async function thoseBehind(
    rows: readonly Pick<ConversationRow, '_id' | 'appliedSeq'>[],
  ): Promise<string[]> {
    // Not only the very next one: where that is missing, nobody else would look.
    const ids = await entries.model.distinct('conversationId', {
      $or: rows.map(({ _id, appliedSeq }) => ({ conversationId: _id, seq: { $gt: appliedSeq } })),
    });
    return ids.map((id) => id.toHexString());
  }

  async function repairThoseBehind(
    rows: readonly Pick<ConversationRow, '_id' | 'appliedSeq'>[],
  ): Promise<void> {
    for (let start = 0; start < rows.length; start += flushAtOnce) {
      for (const id of await thoseBehind(rows.slice(start, start + flushAtOnce))) {
        // What is dirty is written in a moment.
        if (!dirty.has(id)) await repairAmongOthers(id);
      }
    }
  }

  /**
   * Those without a head: whoever wrote their first entry may have died over it. Of some the first message was refused after
   * they were made, and they stay so: there may be any number.
   */
  async function reconcileHeadless(after: Types.ObjectId | undefined): Promise<HeadlessPage> {
    const rows = await conversations
      .find({ headAt: null, ...(after && { _id: { $gt: after } }) }, headFields)
      .sort({ headAt: 1, _id: 1 })
      .limit(headlessAtOnce)
      .hint({ headAt: 1, _id: 1 })
      .lean();
    await activity.correctAmong(rows);
    await repairThoseBehind(rows);
    return { count: rows.length, last: rows.length < headlessAtOnce ? undefined : rows.at(-1)?._id };
  }

  async function reconcileNewest(): Promise<number> {
    const newest = await conversations
      .findOne({ headAt: { $exists: true } }, { headAt: 1 })
      .sort({ headAt: -1, _id: -1 })
      .lean();
    latestMs = Math.max(latestMs, newest?.headAt?.getTime() ?? 0);
    const since = new Date((newest?.headAt?.getTime() ?? 0) - reconciledMs);
    const rows = await conversations.find({ headAt: { $gte: since } }, { appliedSeq: 1 }).lean();
    await repairThoseBehind(rows);
    return rows.length;
  }

  const known = (id: string): Head | undefined => dirty.get(id) ?? written.get(id);

  return {
    known,

    /**
     * True where plain messages from `firstSeq` on may be told before their head is stored: this process wrote the head
     * lately, and knows all that lies below. An entry of another server in between may be a change that it never applied.
     */
    isWarm(id: string, firstSeq: number): boolean {
      const head = written.get(id);
      return (
        head !== undefined &&
        Math.max(now(), latestMs) - head.at.getTime() < writtenBehindMs &&
        known(id)?.seq === firstSeq - 1
      );
    },

    /** Plain messages were appended to a warm conversation: its head follows within 100 ms. */
    writeBehind(id: string, following: readonly EntryRow[]): void {
      const last = following.at(-1);
      if (!last || !isSome(following) || (known(id)?.seq ?? 0) >= last.seq) return;
      latestMs = Math.max(latestMs, last.at.getTime());
      dirty.set(id, advanced(known(id) ?? noHead, following));
      schedule(flushAfterMs);
    },

    /** Applies what was appended and stores the head, before anybody is told. */
    async advance(id: string, following: readonly EntryRow[]): Promise<void> {
      if (!isSome(following)) return;
      const [first] = following;
      const before = known(id);
      // An own head that is still dirty was never stored: the log tells what else is missing.
      const simple =
        !dirty.has(id) && (before?.seq ?? 0) === first.seq - 1 && (before !== undefined || first.seq === 1);
      if (simple) {
        await apply(following);
        if ((await advanceFrom(before ?? noHead, following)) !== 'overtaken') return;
      }
      await repair(id);
    },

    /** A repeat was answered: its first try may have died before the head was written. */
    doubt(id: string): void {
      repair(id).catch((error: unknown) => {
        log.warn({ err: error, conversationId: id }, 'a head could not be repaired; the next reader will');
      });
    },

    repair,
    flushAll,
    isDirty: (id: string): boolean => dirty.has(id),

    /** Brings up to date whatever a crash may have left behind. @returns how many conversations were looked at. */
    async reconcile(): Promise<number> {
      let looked = 0;
      let page: HeadlessPage = { count: 0, last: undefined };
      do {
        page = await reconcileHeadless(page.last);
        looked += page.count;
      } while (page.last);
      return looked + (await reconcileNewest());
    },

    /** The same of what can be behind by now, for every few seconds: of those without a head, the next page. */
    async reconcileSome(): Promise<number> {
      const { count, last } = await reconcileHeadless(headlessSeen);
      headlessSeen = last;
      return count + (await reconcileNewest());
    },

    /** The database is another one than before: nothing that is remembered holds. */
    forget(): void {
      written.clear();
      dirty.clear();
      latestMs = 0;
    },

    /** Stores what is dirty and stops. */
    async close(): Promise<void> {
      clearTimeout(timer);
      timer = undefined;
      closed = true;
      if (flushing) await flushing.catch(() => undefined);
      await flushAll();
    },
  };
}
