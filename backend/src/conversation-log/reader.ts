import type { mongo, Types } from 'mongoose';
import { isChange } from './message-projection.js';
import type { WithoutGap } from './gap-repair.js';
import type { ConversationRow } from './conversations.model.js';
import type { Entries, EntryRow, MessageRow } from './entries.model.js';
import type { Heads } from './heads.js';
import { createHistory } from './history.js';
import { createTargets } from './targets.js';
import { asBytes, rowsOf } from './raw-rows.js';
import type { AsRead } from './durability.js';
import type { TailCache } from './tail-cache.js';

export interface Page {
  entries: EntryRow[];
  /** The messages that the changes among the entries point to, as they now are, by seq. */
  targets: Map<number, MessageRow>;
  headSeq: number;
  more: boolean;
}

/** Where tests pause, to replay what a crash does in between. */
export interface ReaderHooks {
  /** A page was read and not settled yet. */
  pageRead?: (conversationId: string) => Promise<void>;
}

export interface ReaderDeps {
  entries: Entries;
  tails: TailCache;
  heads: Heads;
  readConcern: mongo.ReadConcernLevel;
  ensureDurable: (entry: AsRead) => Promise<boolean>;
  withoutGap: WithoutGap;
  hooks?: ReaderHooks;
}

export type Reader = ReturnType<typeof createReader>;

/** Reads of a conversation's log. Rights are the caller's business; `firstSeq` is where their view begins. */
export function createReader({
  entries,
  tails,
  heads,
  readConcern,
  ensureDurable,
  withoutGap,
  hooks = {},
}: ReaderDeps) {
  const { model } = entries;
  const newestFirst = { seq: -1 } as const;
  const oldestFirst = { seq: 1 } as const;
  const { targetsOf, messagesAt } = createTargets({ entries, readConcern });

  /** The newest entry of the log, as read: settle it before building on it. */
  const readTail = (conversationId: Types.ObjectId): Promise<EntryRow | null> =>
    model.findOne({ conversationId }).sort(newestFirst).read('primary').readConcern(readConcern).lean();

  /** The largest known head: what is stored, or what this process knows to be beyond it. */
  const headSeq = (conversation: Pick<ConversationRow, '_id' | 'appliedSeq'>): number => {
    const id = conversation._id.toHexString();
    return Math.max(conversation.appliedSeq, heads.known(id)?.seq ?? 0, tails.get(id)?.seq ?? 0);
  };

  /** The same, with the log itself asked. */
  async function newestSeq(conversation: ConversationRow): Promise<number> {
    const tail = await readTail(conversation._id);
    const real = tail && (await ensureDurable(tail)) ? tail.seq : 0;
    return Math.max(headSeq(conversation), real);
  }

  /**
   * Entries above `after`, in order and without a gap, in the state that the projections give them. Rows may be large:
   * whoever wants many asks for some at a time.
   */
  async function after(conversation: ConversationRow, afterSeq: number, limit: number): Promise<Page> {
    const conversationId = conversation._id;
    const id = conversationId.toHexString();
    for (;;) {
      const read = await model
        .find({ conversationId, seq: { $gt: afterSeq } })
        .sort(oldestFirst)
        .limit(limit + 1)
        .read('primary')
        .readConcern(readConcern)
        .setOptions(asBytes)
        .lean();
      const rows = rowsOf(read);
      await hooks.pageRead?.(id);
      const following = await withoutGap(conversationId, afterSeq, rows);
      const page = following.slice(0, limit);
      const last = page.at(-1);
      if (last && !(await ensureDurable(last))) continue;
      const repaired = await catchUp(conversation, page);
      if (repaired) continue;
      const head = Math.max(headSeq(conversation), last?.seq ?? 0, afterSeq);
      return {
        entries: page,
        targets: await targetsOf(conversationId, page),
        headSeq: head,
        more: page.length < following.length || (last?.seq ?? afterSeq) < head,
      };
    }
  }

  /** Helps where the projections lag behind what was read. @returns true where the page has to be read again. */
  async function catchUp(conversation: ConversationRow, page: readonly EntryRow[]): Promise<boolean> {
    const id = conversation._id.toHexString();
    const applied = Math.max(conversation.appliedSeq, heads.isDirty(id) ? 0 : (heads.known(id)?.seq ?? 0));
    const last = page.at(-1);
    if (!last || last.seq <= applied || (heads.known(id)?.seq ?? 0) >= last.seq) return false;
    await heads.repair(id);
    conversation.appliedSeq = Math.max(conversation.appliedSeq, last.seq);
    // Plain messages change no other entry: what was read is right already.
    return page.some((entry) => entry.seq > applied && isChange(entry));
  }

  /** A page of messages alone cannot tell what is behind: changes of them may lie beyond, written and not applied. */
  async function helpToTheEnd({ _id: conversationId, appliedSeq }: ConversationRow): Promise<void> {
    const id = conversationId.toHexString();
    const known = Math.max(appliedSeq, heads.known(id)?.seq ?? 0);
    const beyond = await model
      .exists({ conversationId, seq: { $gt: known } })
      .read('primary')
      .readConcern(readConcern);
    if (beyond) await heads.repair(id);
  }

  const history = createHistory({ model, readConcern, ensureDurable, helpToTheEnd });

  return { readTail, targetsOf, headSeq, newestSeq, after, history, messagesAt };
}
