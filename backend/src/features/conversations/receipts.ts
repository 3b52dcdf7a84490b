import type { Positions, ReadNotice } from '@sori/contract';
import type { Types } from 'mongoose';
import type { ShownHead } from '../../log/conversations.model.js';
import type { ConversationLog } from '../../log/log.js';

export interface ReceiptsDeps {
  log: Pick<ConversationLog, 'entries'>;
  /** Those among these people who exchange receipts. */
  withReceipts: (userIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Whom somebody blocks, and who blocks him. */
  relationsOf: (userId: string) => Promise<{ blocks: ReadonlySet<string>; blockedBy: ReadonlySet<string> }>;
  /** How far those who block this person were when they began to: `conversation:blocker` → positions. */
  seenBy: (userId: string) => Promise<ReadonlyMap<string, Positions>>;
}

/** Somebody's row in a conversation, as far as others are told of it. */
interface State extends Positions {
  conversationId: Types.ObjectId;
  userId: Types.ObjectId;
}

const none: Positions = { readSeq: 0, deliveredSeq: 0 };

export type Receipts = ReturnType<typeof createReceipts>;

/** What people are told of how far others have read. */
export function createReceipts({ log, withReceipts, relationsOf, seenBy }: ReceiptsDeps) {
  /** What is hidden from somebody he has neither got nor read: the newest entry up to there that he sees. */
  async function without(
    hidden: ShownHead['userId'],
    conversationId: Types.ObjectId,
    positions: Positions,
  ): Promise<Positions> {
    const upTo = async (seq: number): Promise<number> => {
      const newest = await log.entries.model
        .findOne({ conversationId, seq: { $lte: seq }, hiddenFor: { $ne: hidden } }, { seq: 1 })
        .sort({ seq: -1 })
        .lean();
      return newest?.seq ?? 0;
    };
    const deliveredSeq = await upTo(positions.deliveredSeq);
    const same = positions.readSeq === positions.deliveredSeq;
    return { readSeq: same ? deliveredSeq : await upTo(positions.readSeq), deliveredSeq };
  }

  const hiddenIn = (shown: readonly ShownHead[], userId: string): Types.ObjectId | undefined =>
    shown.find((one) => one.userId.toHexString() === userId)?.userId;

  return {
    /** Who besides himself is told how far this person is: where both sides want receipts, and not whom he blocks. */
    async hearersOf(userId: string, others: readonly string[]): Promise<ReadonlySet<string>> {
      const [exchanging, { blocks }] = await Promise.all([
        withReceipts([userId, ...others]),
        relationsOf(userId),
      ]);
      if (!exchanging.has(userId)) return new Set();
      return new Set(others.filter((id) => id !== userId && exchanging.has(id) && !blocks.has(id)));
    },

    /** The same notice as it is told to others. */
    async asTold(notice: ReadNotice, conversationId: Types.ObjectId, shown: readonly ShownHead[]) {
      const hidden = hiddenIn(shown, notice.userId);
      return hidden ? { ...notice, ...(await without(hidden, conversationId, notice)) } : notice;
    },

    /**
     * How far people are, as this viewer is told; of those who do not tell him, as if they had read nothing, or no more than
     * when they blocked him.
     * @param shownOf what is hidden in a conversation, from whom
     * @returns `conversation:person` → positions
     */
    async toldTo(
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
      const told = await Promise.all(
        states.map(async (state): Promise<[string, Positions]> => {
          const [id, other] = [state.conversationId.toHexString(), state.userId.toHexString()];
          const key = `${id}:${other}`;
          if (other === viewerId) return [key, state];
          if (!exchanging.has(viewerId) || !exchanging.has(other)) return [key, none];
          const positions = blockedBy.has(other) ? (seen?.get(key) ?? none) : state;
          const hidden = hiddenIn(shownOf(id), other);
          return [key, hidden ? await without(hidden, state.conversationId, positions) : positions];
        }),
      );
      return new Map(told);
    },
  };
}
