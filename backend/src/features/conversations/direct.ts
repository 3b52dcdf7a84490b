import { createHash } from 'node:crypto';
import { type Model, Types } from 'mongoose';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';

/** The people of a direct conversation, in order; one person where somebody writes to themselves. */
export const pairOf = (a: string, b: string): string[] => [...new Set([a, b])].sort();

/**
 * The `_id` of the direct conversation of two people: the first 12 bytes of SHA-256 over the two ids in order. Exactly one
 * per pair on a sharded cluster too, where no other index than the one on `_id` can be unique across shards.
 */
export function directId(a: string, b: string): Types.ObjectId {
  const [first = a, second = b] = [a, b].sort();
  const digest = createHash('sha256')
    .update(first + second)
    .digest();
  return new Types.ObjectId(digest.subarray(0, 12));
}

export const findDirect = (
  conversations: Model<ConversationRow>,
  a: string,
  b: string,
): Promise<ConversationRow | null> => {
  const pair = pairOf(a, b).map((id) => new Types.ObjectId(id));
  // $size: without it a note to self would be found in any conversation that its writer is in.
  return conversations.findOne({ kind: 'direct', participants: { $all: pair, $size: pair.length } }).lean();
};

/** Makes it. Two who make it at once make one. */
export async function makeDirect(
  conversations: Model<ConversationRow>,
  a: string,
  b: string,
  options: { now: Date },
): Promise<ConversationRow> {
  const _id = directId(a, b);
  const fresh: Omit<ConversationRow, '_id'> = {
    kind: 'direct',
    participants: pairOf(a, b).map((id) => new Types.ObjectId(id)),
    createdAt: options.now,
    appliedSeq: 0,
  };
  try {
    await conversations.updateOne({ _id }, { $setOnInsert: fresh }, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  return { _id, ...fresh };
}
