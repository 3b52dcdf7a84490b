import { limits } from '@sori/contract';
import { Types } from 'mongoose';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import {
  type Entries,
  entryIndexes,
  isCounted,
  mentioning,
  type MessageRow,
} from '../../conversation-log/entries.model.js';
import { seenByAll } from '../../conversation-log/visibility.js';

/** A stretch of a conversation's log that its person has not read. */
export interface Stretch {
  row: Pick<ConversationRow, '_id' | 'kind' | 'participants'>;
  from: number;
  to: number;
}

/** As the contract has it: exact up to a bound, and the bound with `…More` above. */
export interface Unread {
  unread: number;
  unreadMore?: true;
  mentions: number;
  mentionsMore?: true;
}

export const nothingUnread: Unread = { unread: 0, mentions: 0 };

const unreadOf = (count: number): Pick<Unread, 'unread' | 'unreadMore'> =>
  count > limits.unreadMax ? { unread: limits.unreadMax, unreadMore: true } : { unread: count };
const mentionsOf = (count: number): Pick<Unread, 'mentions' | 'mentionsMore'> =>
  count > limits.mentionsMax ? { mentions: limits.mentionsMax, mentionsMore: true } : { mentions: count };

/**
 * So many messages from the beginning of a stretch are looked at before it is counted by sender. Few in a group, which has
 * so many senders at most; more in a room, where everybody who ever came in is one, and each costs a step.
 */
const lookedAt = { group: 100, room: 1_500 } as const;

/**
 * Counts the messages that others sent and that are neither deleted nor hidden, and those among them that mention the person.
 * However long the stretch and whatever lies in it, the work is bounded: a count ends one above what is shown, and what
 * does not count is not walked over.
 */
export function createUnread({ model }: Pick<Entries, 'model'>) {
  /** Counts what is in the index, up to one more than is shown. */
  const countIn = (
    index: string,
    most: number,
    { row, from, to }: Stretch,
    which: object,
  ): Promise<number> => {
    const filter = { conversationId: row._id, ...isCounted, ...which, seq: { $gte: from, $lte: to } };
    return model.countDocuments(filter, { limit: most + 1, hint: index }).exec();
  };

  async function bySender(me: Types.ObjectId, stretch: Stretch): Promise<Unread> {
    const { kind, participants } = stretch.row;
    const others = participants.filter((one) => !one.equals(me));
    if (kind === 'direct' && others.length === 0) return nothingUnread;
    // Of two people the other one is the sender: a single stretch of the index.
    const senderId = kind === 'direct' ? { $in: others } : { $ne: me };
    const [unread, mentions] = await Promise.all([
      countIn(entryIndexes.unread, limits.unreadMax, stretch, { senderId }),
      // Nobody is mentioned elsewhere.
      kind === 'group'
        ? countIn(entryIndexes.mentions, limits.mentionsMax, stretch, { senderId, ...mentioning(me) })
        : 0,
    ]);
    return { ...unreadOf(unread), ...mentionsOf(mentions) };
  }

  /** @returns undefined where the beginning of the stretch does not decide it. */
  async function byLooking(
    me: Types.ObjectId,
    { row, from, to }: Stretch,
    most: number,
  ): Promise<Unread | undefined> {
    const seq = { $gte: from, $lte: to };
    const rows = await model
      .find({ conversationId: row._id, ...seenByAll, seq }, { senderId: 1, deletedAt: 1, mentions: 1 })
      .sort({ seq: 1 })
      .limit(most + 1)
      .hint(entryIndexes.messages)
      .lean<Pick<MessageRow, 'senderId' | 'deletedAt' | 'mentions'>[]>();
    const unread = rows.filter(({ senderId, deletedAt }) => !senderId.equals(me) && !deletedAt);
    // In a room nobody is mentioned: there it is enough to know that there are more than are shown.
    const isDecided = rows.length <= most || (row.kind === 'room' && unread.length > limits.unreadMax);
    if (!isDecided) return undefined;
    const mentions = unread.filter((one) => one.mentions?.some((id) => id.equals(me))).length;
    return { ...unreadOf(unread.length), ...mentionsOf(mentions) };
  }

  async function unreadIn(me: Types.ObjectId, stretch: Stretch): Promise<Unread> {
    const { kind } = stretch.row;
    const isWorthALook = kind === 'room' || (kind === 'group' && stretch.to - stretch.from < lookedAt.group);
    return (isWorthALook ? await byLooking(me, stretch, lookedAt[kind]) : undefined) ?? bySender(me, stretch);
  }

  /** By conversation. */
  return async function unread(userId: string, stretches: readonly Stretch[]): Promise<Map<string, Unread>> {
    const me = new Types.ObjectId(userId);
    return new Map(
      await Promise.all(
        stretches.map(async (stretch): Promise<[string, Unread]> => [
          stretch.row._id.toHexString(),
          await unreadIn(me, stretch),
        ]),
      ),
    );
  };
}
