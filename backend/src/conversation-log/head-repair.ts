import type { Logger } from 'pino';
import { type Model, Types } from 'mongoose';
import { isDatabaseAway } from '../core/errors.js';
import type { Activity } from './activity.js';
import type { ConversationRow } from './conversations.model.js';
import type { AsRead } from './durability.js';
import { type Entries, entryIndexes, type EntryRow, isUndeleted } from './entries.model.js';
import type { WithoutGap } from './gap-repair.js';
import { advanced, type Before, type Following, type Head, headOf, isSome } from './head.js';
import { headFields, setHead } from './head-fields.js';
import { isRead } from './kinds.js';
import type { KnownHeads } from './known-heads.js';
import { errorName, isForGood } from './set-aside.js';
import { messagesSeenAmong } from './visibility.js';

const pageOfHelp = 500;

export interface HeadRepairDeps {
  conversations: Model<ConversationRow>;
  entries: Entries;
  heads: Pick<KnownHeads, 'isStored' | 'vanished'>;
  activity: Pick<Activity, 'correct'>;
  /** Stores what would be overtaken by a head that is about to be stored. */
  flushOvertaken: (by: Head, own: string) => Promise<void>;
  /** Applies what these entries of one conversation change elsewhere, in order. Again, or late, ends in the same state. */
  apply: (entries: readonly EntryRow[]) => Promise<void>;
  /** True once this row and all before it are durable; false where it vanished. */
  ensureDurable: (entry: AsRead) => Promise<boolean>;
  withoutGap: WithoutGap;
  log: Logger;
}

/** Heads that are behind their logs. Whoever finds one repairs it; nobody overwrites one blindly. */
export function createHeadRepair(deps: HeadRepairDeps) {
  const { conversations, entries, heads, activity, flushOvertaken, apply, ensureDurable, withoutGap, log } =
    deps;
  const repairing = new Map<string, Promise<void>>();

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
      const gapless = await withoutGap(_id, row.appliedSeq, page);
      // Filled, or by now by somebody else.
      if (!isSome(gapless)) continue;
      const following = upToUnread(gapless);
      if (!isSome(following)) return;
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
      heads.vanished(conversationId);
      return 'refused';
    }
  }

  async function storeFrom(before: Before, following: Following): Promise<boolean> {
    const id = following[0].conversationId;
    const head = await withoutDeleted(entries, id, advanced(before, following), following);
    await flushOvertaken(head, id.toHexString());
    const result = await conversations.updateOne(
      { _id: id, appliedSeq: before.seq },
      {
        $set: setHead(head),
        ...(head.lastMessageSeq === undefined ? { $unset: { lastMessageSeq: '' } } : {}),
      },
    );
    if (result.matchedCount === 0) return false;
    heads.isStored(id.toHexString(), head);
    return true;
  }

  return { repair, repairAmongOthers, advanceFrom };
}

/** What an entry of a newer program changes is for that one to say: nobody else passes it. */
function upToUnread(entries: readonly EntryRow[]): readonly EntryRow[] {
  const at = entries.findIndex(({ kind }) => !isRead(kind));
  return at === -1 ? entries : entries.slice(0, at);
}

/** A deletion may have taken the newest message: which one it is now, for everybody who sees another end. */
async function withoutDeleted(
  entries: Entries,
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
