import type { Positions, ReadNotice } from '@sori/contract';
import type { Types } from 'mongoose';
import type { ShownHead } from '../../conversation-log/conversations.model.js';
import { entryIndexes } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { entriesSeenBy, messagesSeenAmong } from '../../conversation-log/visibility.js';

export interface ReceiptsDeps {
  log: Pick<ConversationLog, 'entries'>;
  /** Those among these people who exchange receipts. */
  withReceipts: (userIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Whom somebody blocks, and who blocks them. */
  relationsOf: (userId: string) => Promise<{ blocks: ReadonlySet<string>; blockedBy: ReadonlySet<string> }>;
  /** How far those who block this person were when they began to: `conversation:blocker` → positions. */
  seenBy: (userId: string) => Promise<ReadonlyMap<string, Positions>>;
}

/** Somebody's row in a conversation, as far as others are shown it. */
interface State extends Positions {
  conversationId: Types.ObjectId;
  userId: Types.ObjectId;
}

/** Entries of every kind are looked at one by one over this distance. */
const closeBy = 200;

const none: Positions = { readSeq: 0, deliveredSeq: 0 };

export type Receipts = ReturnType<typeof createReceipts>;

/** What people are shown of how far others have read. */
export function createReceipts({ log, withReceipts, relationsOf, seenBy }: ReceiptsDeps) {
  /**
   * What is hidden from somebody they have neither got nor read: the newest entry up to there that they see. Where that
   * is far away, behind very much that is hidden, it is the newest message: nothing that is shown of a position lies
   * between the two.
   */
  async function without(
    hidden: ShownHead['userId'],
    conversationId: Types.ObjectId,
    positions: Positions,
    shown: readonly ShownHead[],
  ): Promise<Positions> {
    const { model } = log.entries;
    const seen = messagesSeenAmong(conversationId, shown, hidden);
    const upTo = async (seq: number): Promise<number> => {
      const close = { conversationId, seq: { $gt: seq - closeBy, $lte: seq }, ...entriesSeenBy(hidden) };
      const newest =
        (await model.findOne(close, { seq: 1 }).sort({ seq: -1 }).hint(entryIndexes.seq).lean()) ??
        (await model
          .findOne({ ...seen, seq: { $lte: seq } }, { seq: 1 })
          .sort({ seq: -1 })
          .hint(entryIndexes.messages)
          .lean());
      return newest?.seq ?? 0;
    };
    const deliveredSeq = await upTo(positions.deliveredSeq);
    const same = positions.readSeq === positions.deliveredSeq;
    return { readSeq: same ? deliveredSeq : await upTo(positions.readSeq), deliveredSeq };
  }

  const hiddenIn = (shown: readonly ShownHead[], userId: string): Types.ObjectId | undefined =>
    shown.find((one) => one.userId.toHexString() === userId)?.userId;

  return {
    /** Who else is notified of how far this person is: where both sides want receipts, and not whom they block. */
    async recipientsOf(userId: string, others: readonly string[]): Promise<ReadonlySet<string>> {
      const [exchanging, { blocks }] = await Promise.all([
        withReceipts([userId, ...others]),
        relationsOf(userId),
      ]);
      if (!exchanging.has(userId)) return new Set();
      return new Set(others.filter((id) => id !== userId && exchanging.has(id) && !blocks.has(id)));
    },

    /** The same notice as it is emitted to others. */
    async asShown(notice: ReadNotice, conversationId: Types.ObjectId, shown: readonly ShownHead[]) {
      const hidden = hiddenIn(shown, notice.userId);
      return hidden ? { ...notice, ...(await without(hidden, conversationId, notice, shown)) } : notice;
    },

    /**
     * How far people are, as shown to this viewer; those who do not show it to them, as if they had read nothing, or no
     * more than when they blocked this viewer.
     * @param shownOf what is hidden in a conversation, from whom
     * @returns `conversation:person` → positions
     */
    async shownTo(
      viewerId: string,
      states: readonly State[],
      shownOf: (conversationId: string) => readonly ShownHead[],
    ): Promise<Map<string, Positions>> {
      const userIds = [...new Set(states.map(({ userId }) => userId.toHexString()))];
      const [exchanging, { blockedBy }] = await Promise.all([
        withReceipts([viewerId, ...userIds]),
        relationsOf(viewerId),
      ]);
      const seen = userIds.some((id) => blockedBy.has(id)) ? await seenBy(viewerId) : undefined;
      const shownPositions = await Promise.all(
        states.map(async (state): Promise<[string, Positions]> => {
          const [id, other] = [state.conversationId.toHexString(), state.userId.toHexString()];
          const key = `${id}:${other}`;
          if (other === viewerId) return [key, state];
          if (!exchanging.has(viewerId) || !exchanging.has(other)) return [key, none];
          const positions = blockedBy.has(other) ? (seen?.get(key) ?? none) : state;
          const shown = shownOf(id);
          const hidden = hiddenIn(shown, other);
          return [key, hidden ? await without(hidden, state.conversationId, positions, shown) : positions];
        }),
      );
      return new Map(shownPositions);
    },
  };
}
