import { type EntriesPage, type Entry, limits } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { createGiveWay } from '../../core/give-way.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { createSizedPage } from '../../conversation-log/page-size.js';
import { toEntry, toHidden } from '../../conversation-log/to-contract.js';
import { isHiddenFrom } from '../../conversation-log/visibility.js';
import type { Audiences } from '../members/audiences.js';
import type { Memberships, Own } from '../members/memberships.js';

export interface EntriesAfterDeps {
  log: Pick<ConversationLog, 'after' | 'epoch' | 'headSeq' | 'newestSeq'>;
  memberships: Pick<Memberships, 'get'>;
  audiences: Pick<Audiences, 'isOvertaken'>;
}

export interface EntriesAsked {
  conversationId: string;
  after: number;
  limit: number;
  epoch?: string | undefined;
  /** A message that the page changes more than once stands only in its last entry about it. */
  targets?: 'once' | undefined;
  /** Whether a caller who is far behind is answered to begin at the end. */
  tooLong: boolean;
}

/**
 * Rows read at once. A page may be full long before it has as many as were asked for: the first ones show how many more may
 * fit. Each read has its price, and larger ones may follow on small ones, so those are neither few nor all.
 */
const firstRead = 50;
const readAtOnce = 250;

interface Read {
  entries: Entry[];
  headSeq: number;
  more: boolean;
  /** The next entry would have made the page too large. */
  full: boolean;
}

/** The log as one person follows it. */
export function createEntriesAfter({ log, memberships, audiences }: EntriesAfterDeps) {
  /**
   * The next entries behind the caller's cursor, or the word that it leads nowhere any more (`reset`).
   * @throws AppError NOT_FOUND
   */
  return async function entriesAfter(caller: Caller, asked: EntriesAsked): Promise<EntriesPage> {
    const { conversationId, after, epoch, tooLong } = asked;
    const own = await memberships.get(caller, conversationId);
    const { row, firstSeq } = own;
    const current = log.epoch();
    const otherEpoch = epoch !== undefined && epoch !== current;
    if (otherEpoch || after > log.headSeq(row)) {
      // Before a reset is answered, the log itself is asked: what is known here may be old.
      const headSeq = await log.newestSeq(row);
      if (otherEpoch || after > headSeq) {
        return { entries: [], next: 0, headSeq, epoch: current, more: headSeq > 0, reset: true };
      }
    }
    if (after > 0 && after < firstSeq - 1) {
      // What followed it has been swept, or is from before the caller came. The beginning (0) is always where the log begins.
      const headSeq = log.headSeq(row);
      return { entries: [], next: 0, headSeq, epoch: current, more: headSeq > 0, reset: true };
    }
    const far = tooLong && log.headSeq(row) - after > limits.followMax;
    const read = far ? await newest(caller, own, asked) : await readAfter(caller, own, asked);
    if (!read) return entriesAfter(caller, asked);
    const { entries, headSeq, more } = read;
    return {
      entries,
      next: entries.at(-1)?.seq ?? Math.max(after, firstSeq - 1),
      headSeq,
      epoch: current,
      more,
      ...(far ? { tooLong: true } : {}),
    };
  };

  /** Null where the page is newer than the right to read it. */
  async function readAfter(
    caller: Caller,
    own: Own,
    { after, limit, targets }: Pick<EntriesAsked, 'after' | 'limit' | 'targets'>,
  ): Promise<Read | null> {
    const { row, firstSeq } = own;
    const page = createSizedPage({ once: targets === 'once' });
    const { entries } = page;
    const giveWay = createGiveWay();
    for (let from = Math.max(after, firstSeq - 1); ;) {
      const atOnce = entries.length === 0 ? firstRead : Math.max(1, Math.min(page.room(), readAtOnce));
      const read = await log.after(row, from, Math.min(atOnce, limit - entries.length));
      if (await audiences.isOvertaken(own, read.entries)) return null;
      const { headSeq, more } = read;
      for (const entry of read.entries) {
        const shown = isHiddenFrom(caller.userId, entry)
          ? toHidden(entry)
          : toEntry(entry, read.targets, firstSeq, caller.userId);
        if (!page.add(shown)) return { entries, headSeq, more: true, full: true };
        from = entry.seq;
        await giveWay();
      }
      const isDone = !more || read.entries.length === 0 || entries.length >= limit;
      if (isDone) return { entries, headSeq, more, full: false };
    }
  }

  /** The end of the log: as much as was asked for, or a shorter stretch where that is too large for a page. */
  async function newest(caller: Caller, own: Own, asked: EntriesAsked): Promise<Read | null> {
    for (let { limit } = asked; ;) {
      const read = await readAfter(caller, own, { ...asked, after: log.headSeq(own.row) - limit, limit });
      if (!read?.full || limit === 1) return read;
      limit = Math.min(read.entries.length, Math.ceil(limit / 2));
    }
  }
}
