import type { Model, mongo, Types } from 'mongoose';
import type { ConversationRow, ShownHead } from './conversations.model.js';
import { type Entries, entryIndexes, seenMessages } from './entries.model.js';

export interface ActivityDeps {
  conversations: Model<ConversationRow>;
  entries: Entries;
  writeConcern: mongo.WriteConcernSettings;
}

const activityFields = { appliedSeq: 1, headAt: 1, lastActivityAt: 1, shown: 1 } as const;
type ActivityRow = Pick<ConversationRow, '_id' | keyof typeof activityFields>;

const readAtOnce = 500;
const correctedAtOnce = 20;

/**
 * Rows of before there was `headAt`: their `lastActivityAt` is the time of the newest entry, whatever it was. Here it becomes
 * `headAt`, and in its place comes that of the newest message. Once for each row, and again by whoever was interrupted.
 */
export function createActivity({ conversations, entries, writeConcern }: ActivityDeps) {
  async function newestAt(
    { _id, appliedSeq }: ActivityRow,
    hiddenFor: readonly ShownHead[],
  ): Promise<Date | undefined> {
    const seen = seenMessages(
      _id,
      hiddenFor.map(({ userId }) => userId),
    );
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
    const { _id, appliedSeq, headAt, lastActivityAt, shown = [] } = row;
    if (headAt !== undefined || lastActivityAt === undefined) return false;
    const newest = await newestAt(row, shown);
    const shownNow = await Promise.all(
      shown.map(async ({ lastActivityAt: _, ...one }) => {
        const at = await newestAt(
          row,
          shown.filter(({ userId }) => !userId.equals(one.userId)),
        );
        return { ...one, ...(at === undefined ? {} : { lastActivityAt: at }) };
      }),
    );
    // A group in which nobody wrote yet has none. What retention took away leaves the time as it is.
    const hasNone = newest === undefined && !(await isEmpty(row));
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
      { writeConcern },
    );
    return true;
  }

  return {
    correct,

    /** All that are left. Where there are none, that is one look into an index. */
    async correctAll(): Promise<void> {
      let after: Types.ObjectId | undefined;
      for (;;) {
        const rows: ActivityRow[] = await conversations
          .find(
            {
              headAt: null,
              lastActivityAt: { $exists: true },
              ...(after === undefined ? {} : { _id: { $gt: after } }),
            },
            activityFields,
          )
          .sort({ headAt: 1, _id: 1 })
          .limit(readAtOnce)
          .hint({ headAt: 1, _id: 1 })
          .lean();
        for (let start = 0; start < rows.length; start += correctedAtOnce)
          await Promise.all(rows.slice(start, start + correctedAtOnce).map(correct));
        after = rows.at(-1)?._id;
        if (after === undefined) return;
      }
    },
  };
}
