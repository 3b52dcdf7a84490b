import type { Logger } from 'pino';
import type { Model, Types } from 'mongoose';
import { isDatabaseAway } from '../core/errors.js';
import type { ConversationRow, ShownHead } from './conversations.model.js';
import { type Entries, entryIndexes } from './entries.model.js';
import { errorName } from './set-aside.js';
import { messagesSeenAmong } from './visibility.js';

export type Activity = ReturnType<typeof createActivity>;

export interface ActivityDeps {
  conversations: Model<ConversationRow>;
  entries: Entries;
  log: Pick<Logger, 'error'>;
}

type ActivityRow = Pick<
  ConversationRow,
  '_id' | 'appliedSeq' | 'firstSeq' | 'headAt' | 'lastActivityAt' | 'shown'
>;

const correctedAtOnce = 20;

/**
 * Rows of before there was `headAt`: their `lastActivityAt` is the time of the newest entry, whatever it was. Here it becomes
 * `headAt`, and in its place comes that of the newest message. Once for each row, and again by whoever was interrupted.
 */
export function createActivity({ conversations, entries, log }: ActivityDeps) {
  async function newestAt(
    { _id, appliedSeq }: ActivityRow,
    shown: readonly ShownHead[],
    viewerId?: Types.ObjectId,
  ): Promise<Date | undefined> {
    const seen = messagesSeenAmong(_id, shown, viewerId);
    const newest = await entries.model
      .findOne({ ...seen, seq: { $lte: appliedSeq } }, { at: 1 })
      .sort({ seq: -1 })
      .hint(entryIndexes.messages)
      .lean();
    return newest?.at;
  }

  const isEmpty = async ({ _id, appliedSeq }: ActivityRow): Promise<boolean> =>
    (await entries.model.exists({ conversationId: _id, seq: appliedSeq })) === null;

  /** @returns false where there was nothing to correct */
  async function correct(row: ActivityRow): Promise<boolean> {
    const { _id, appliedSeq, firstSeq = 1, headAt, lastActivityAt, shown = [] } = row;
    if (headAt !== undefined || lastActivityAt === undefined) return false;
    // What retention took away leaves the time as it is. Where nothing was taken, no message means that nobody wrote yet.
    const isWhole = firstSeq === 1 && !(await isEmpty(row));
    const newest = await newestAt(row, shown);
    const shownNow = await Promise.all(
      shown.map(async ({ lastActivityAt: before, ...one }) => {
        const newestShown = await newestAt(row, shown, one.userId);
        const at = newestShown ?? (isWhole ? undefined : before);
        return { ...one, ...(at === undefined ? {} : { lastActivityAt: at }) };
      }),
    );
    const hasNone = newest === undefined && isWhole;
    await conversations.updateOne(
      { _id, appliedSeq, headAt: { $exists: false } },
      {
        $set: {
          headAt: lastActivityAt,
          ...(newest === undefined ? {} : { lastActivityAt: newest }),
          ...(shown.length === 0 ? {} : { shown: shownNow }),
        },
        ...(hasNone ? { $unset: { lastActivityAt: '' } } : {}),
      },
    );
    return true;
  }

  /** Whatever is the matter with one row, the others have their turn. */
  async function correctAmongOthers(row: ActivityRow): Promise<void> {
    try {
      await correct(row);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      const conversationId = row._id.toHexString();
      log.error({ conversationId, reason: errorName(error) }, 'a last activity could not be corrected');
    }
  }

  return {
    correct,

    /** Those among these rows that are left from before. */
    async correctAmong(rows: readonly ActivityRow[]): Promise<void> {
      for (let start = 0; start < rows.length; start += correctedAtOnce)
        await Promise.all(rows.slice(start, start + correctedAtOnce).map(correctAmongOthers));
    },
  };
}
