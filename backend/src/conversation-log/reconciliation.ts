import type { Model, Types } from 'mongoose';
import type { Activity } from './activity.js';
import type { ConversationRow } from './conversations.model.js';
import type { Entries } from './entries.model.js';
import { headFields } from './head-fields.js';
import { flushAtOnce } from './head-writes.js';
import { type KnownHeads, writtenBehindMs } from './known-heads.js';
import { farSkewMs, type OtherServers } from './other-servers.js';

/** What a crash left behind has a stored `headAt` less than this below the newest one in the collection. */
const reconciledMs = writtenBehindMs + 1_000;
/**
 * The same with several servers. Their clocks are up to 30 s from the database's, on either side; a head may wait for 60 s, and
 * the others know only after 55 s that its server has gone.
 */
const reconciledOfSeveralMs = 300_000;
/**
 * Of several, whoever writes a head behind has stored the one below it less than this ago, by the database's clock: by their
 * own it is 60 s. So where a round found nothing behind among what is older, nothing comes to be behind there any more.
 */
const stillBehindMs = writtenBehindMs + farSkewMs + 10_000;

/**
 * From this `headAt` on a head may be behind.
 * @param newestMs the newest one in the collection
 * @param nowMs by the database's clock: another server's may be ahead, and then the newest one is still to come
 */
export const reconciledSince = (newestMs: number, nowMs: number, isAlone: boolean): Date =>
  new Date(Math.min(newestMs, nowMs) - (isAlone ? reconciledMs : reconciledOfSeveralMs));

/** Conversations without a head that are looked at in one go. */
export const headlessAtOnce = 1_000;

export interface ReconciliationDeps {
  conversations: Model<ConversationRow>;
  entries: Entries;
  heads: Pick<KnownHeads, 'isDirty' | 'isAsLateAs'>;
  activity: Pick<Activity, 'correctAmong'>;
  /** Brings a head up to its log; only where the database is away, it throws. */
  repair: (id: string) => Promise<void>;
  servers: Pick<OtherServers, 'areThere' | 'clockSkewMs'>;
  now: () => number;
}

interface HeadlessPage {
  count: number;
  /** Where the next page begins; undefined behind the last one. */
  last: Types.ObjectId | undefined;
}

/** Looks for what a crash left behind, of this server or another one. */
export function createReconciliation(deps: ReconciliationDeps) {
  const { conversations, entries, heads, activity, repair, servers, now } = deps;
  /** Up to here those without a head had their turn. */
  let headlessSeen: Types.ObjectId | undefined;
  /** When the last round among several servers began, by the database's clock. */
  let lookedAt: number | undefined;

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
        if (!heads.isDirty(id)) await repair(id);
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

  /** @param goesOn where the last round has seen the older ones, they are left out */
  async function reconcileNewest(goesOn: boolean): Promise<number> {
    const newest = await conversations
      .findOne({ headAt: { $exists: true } }, { headAt: 1 })
      .sort({ headAt: -1, _id: -1 })
      .lean();
    const newestMs = newest?.headAt?.getTime() ?? 0;
    const nowMs = now() - servers.clockSkewMs();
    const isAlone = !servers.areThere();
    // Of several, one whose clock is ahead does not make the others write every head first.
    heads.isAsLateAs(isAlone ? newestMs : Math.min(newestMs, nowMs));
    let since = reconciledSince(newestMs, nowMs, isAlone);
    // The database's clock may have been set back.
    if (goesOn && !isAlone && lookedAt !== undefined && lookedAt <= nowMs)
      since = new Date(Math.max(since.getTime(), lookedAt - stillBehindMs));
    const rows = await conversations.find({ headAt: { $gte: since } }, { appliedSeq: 1 }).lean();
    await repairThoseBehind(rows);
    lookedAt = isAlone ? undefined : nowMs;
    return rows.length;
  }

  return {
    /** Brings up to date whatever a crash may have left behind. @returns how many conversations were looked at. */
    async reconcile(): Promise<number> {
      let looked = 0;
      let page: HeadlessPage = { count: 0, last: undefined };
      do {
        page = await reconcileHeadless(page.last);
        looked += page.count;
      } while (page.last);
      return looked + (await reconcileNewest(false));
    },

    /** The same of what can be behind by now, for every few seconds: of those without a head, the next page. */
    async reconcileSome(): Promise<number> {
      const { count, last } = await reconcileHeadless(headlessSeen);
      headlessSeen = last;
      return count + (await reconcileNewest(true));
    },
  };
}
