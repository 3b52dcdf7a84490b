import { type EntriesPage, limits } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import type { ConversationLog } from '../../log/log.js';
import { isHiddenFrom, toEntry, toHidden } from '../../log/wire.js';
import type { Audiences } from './audiences.js';
import type { Memberships } from './memberships.js';

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
}

/** The log as one person follows it (PROTOCOL.md, "Read and follow"). */
export function createEntriesAfter({ log, memberships, audiences }: EntriesAfterDeps) {
  /**
   * The next entries behind the caller's cursor, or the word that it leads nowhere any more (`reset`).
   * @param tooLong whether a caller who is far behind is told to begin at the end
   * @throws AppError NOT_FOUND
   */
  return async function entriesAfter(
    caller: Caller,
    { conversationId, after, limit, epoch }: EntriesAsked,
    { tooLong }: { tooLong: boolean },
  ): Promise<EntriesPage> {
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
    const from = Math.max(far ? log.headSeq(row) - limit : after, firstSeq - 1);
    const page = await log.after(row, from, limit);
    if (await audiences.isOvertaken(own, page.entries)) {
      return entriesAfter(caller, { conversationId, after, limit, epoch }, { tooLong });
    }
    return {
      entries: page.entries.map((entry) =>
        isHiddenFrom(caller.userId, entry) ? toHidden(entry) : toEntry(entry, page.targets, firstSeq),
      ),
      next: page.entries.at(-1)?.seq ?? from,
      headSeq: page.headSeq,
      epoch: current,
      more: page.more,
      ...(far ? { tooLong: true } : {}),
    };
  };
}
