import type { mongo } from 'mongoose';
import type { ConversationRow } from './conversations.model.js';
import type { AsRead } from './durability.js';
import { type Entries, entryIndexes, type MessageRow } from './entries.model.js';
import { asBytes, rowsOf } from './raw-rows.js';
import { messagesSeenBy } from './visibility.js';

export interface History {
  /** Oldest first. */
  messages: MessageRow[];
  /** True while there are older, newer ones. */
  older: boolean;
  newer: boolean;
}

export interface HistoryAsked {
  limit: number;
  before?: number | undefined;
  after?: number | undefined;
  around?: number | undefined;
  /** Whose page it is: what is hidden from them is left out of it. */
  viewerId: string;
}

export interface HistoryDeps {
  model: Entries['model'];
  readConcern: mongo.ReadConcernLevel;
  ensureDurable: (entry: AsRead) => Promise<boolean>;
  /** Applies what lies beyond the projections: a page of messages alone cannot tell. */
  helpToTheEnd: (conversation: ConversationRow) => Promise<void>;
}

/** Pages of messages alone. Rights are the caller's business. */
export function createHistory({ model, readConcern, ensureDurable, helpToTheEnd }: HistoryDeps) {
  /**
   * A page of messages alone: the newest, or what lies before, after or around a seq; none below `firstSeq`. It has as many
   * as were asked for, whatever their size: the contract bounds it (100 texts of 8,000 code points, 3.2 MB at the very most,
   * by REST, where nobody's buffer fills), and a client that knows nothing of `Link` would take a shorter one for the end.
   */
  return async function history(
    conversation: ConversationRow,
    asked: HistoryAsked,
    firstSeq: number,
  ): Promise<History> {
    const { limit } = asked;
    const visible = messagesSeenBy(asked.viewerId, conversation);
    const isThere = (seq: object) => model.exists({ ...visible, seq }).hint(entryIndexes.messages);
    await helpToTheEnd(conversation);
    const find = async (range: Record<string, number>, order: 1 | -1): Promise<MessageRow[]> => {
      for (;;) {
        const read = await model
          .find({ ...visible, seq: { $gte: firstSeq, ...range } })
          .sort({ seq: order })
          .limit(limit + 1)
          // The planner might walk over all entries, of which messages may be few.
          .hint(entryIndexes.messages)
          .read('primary')
          .readConcern(readConcern)
          .setOptions(asBytes)
          .lean();
        const rows = rowsOf(read);
        const newest = order === 1 ? rows.at(-1) : rows[0];
        if (newest && !(await ensureDurable(newest))) continue;
        const messages = rows.filter((row) => row.kind === 'message');
        return order === 1 ? messages : messages.reverse();
      }
    };
    if (asked.around !== undefined) {
      const below = await find({ $lt: asked.around }, -1);
      const from = await find({ $gte: Math.max(asked.around, firstSeq) }, 1);
      // Half on either side; where one side is short, the other gives more.
      const fromCount = Math.min(from.length, Math.max(Math.ceil(limit / 2), limit - below.length));
      const belowCount = Math.min(below.length, limit - fromCount);
      return {
        messages: [...below.slice(below.length - belowCount), ...from.slice(0, fromCount)],
        older: belowCount < below.length,
        newer: fromCount < from.length,
      };
    }
    if (asked.after !== undefined) {
      const rows = await find({ $gt: asked.after, $gte: firstSeq }, 1);
      const older = await isThere({ $gte: firstSeq, $lte: asked.after });
      return { messages: rows.slice(0, limit), older: older !== null, newer: rows.length > limit };
    }
    const rows = await find(asked.before === undefined ? {} : { $lt: asked.before }, -1);
    const newer =
      asked.before !== undefined && (await isThere({ $gte: Math.max(asked.before, firstSeq) })) !== null;
    return { messages: rows.slice(-limit), older: rows.length > limit, newer };
  };
}
