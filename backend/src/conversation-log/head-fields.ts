import { Types } from 'mongoose';
import type { ConversationRow } from './conversations.model.js';
import type { Head } from './head.js';

/** Where a head lies in its conversation's row. */
export const headFields = {
  appliedSeq: 1,
  firstSeq: 1,
  headAt: 1,
  lastActivityAt: 1,
  lastMessageSeq: 1,
  shown: 1,
} as const;

export const setHead = (head: Head): Partial<ConversationRow> => ({
  appliedSeq: head.seq,
  headAt: head.at,
  ...(head.lastActivityAt === undefined ? {} : { lastActivityAt: head.lastActivityAt }),
  ...(head.lastMessageSeq === undefined ? {} : { lastMessageSeq: head.lastMessageSeq }),
  ...(head.shown.length === 0 ? {} : { shown: [...head.shown] }),
});

/**
 * Stores a head that is written behind, where the stored one is at `before` or between the two: from there on all are plain
 * messages that this process knows, so it does not matter which of the servers that append them was here last.
 */
export const headUpdate = (id: string, head: Head, before: number) => ({
  updateOne: {
    filter: { _id: new Types.ObjectId(id), appliedSeq: { $gte: before, $lt: head.seq } },
    update: { $set: setHead(head) },
  },
});
