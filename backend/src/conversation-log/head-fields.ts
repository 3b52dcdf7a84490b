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

/** Stores a head where the stored one is at `before`, and nowhere else. */
export const headUpdate = (id: string, head: Head, before: number | undefined) => ({
  updateOne: {
    filter: { _id: new Types.ObjectId(id), appliedSeq: before },
    update: { $set: setHead(head) },
  },
});
