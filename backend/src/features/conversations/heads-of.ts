import type { Heads } from '@sori/contract';
import { type Model, Types } from 'mongoose';
import { type ConversationRow, isDirectOf, isThere } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { MemberRow } from '../members/members.model.js';

export interface HeadsOfDeps {
  log: Pick<ConversationLog, 'reads' | 'epoch' | 'headSeq'>;
  members: Model<MemberRow>;
}

type HeadRow = Pick<ConversationRow, '_id' | 'appliedSeq'>;

/** So many rows are asked for by their ids in one go. */
const askedAtOnce = 1_000;

/** Where each conversation of these people ends: the hint that a follower goes by. Two questions, however many they are. */
export function createHeadsOf({ log, members }: HeadsOfDeps) {
  const { conversations } = log.reads;

  async function rowsOf(ids: readonly string[]): Promise<HeadRow[]> {
    const rows: HeadRow[] = [];
    for (let start = 0; start < ids.length; start += askedAtOnce) {
      const _id = { $in: ids.slice(start, start + askedAtOnce).map((id) => new Types.ObjectId(id)) };
      rows.push(...(await conversations.find({ _id, ...isThere }, { appliedSeq: 1 }).lean()));
    }
    return rows;
  }

  return async function headsOf(userIds: readonly string[]): Promise<Map<string, Heads>> {
    const epoch = log.epoch();
    const all = new Map(userIds.map((id): [string, Heads] => [id, { epoch, heads: [] }]));
    const emit = (userId: string, row: HeadRow): void => {
      if (row.appliedSeq > 0)
        all.get(userId)?.heads.push({ conversationId: row._id.toHexString(), headSeq: log.headSeq(row) });
    };
    const wanted = userIds.map((id) => new Types.ObjectId(id));
    const [directs, memberships] = await Promise.all([
      conversations.find(isDirectOf({ $in: wanted }), { appliedSeq: 1, participants: 1 }).lean(),
      members
        .find({ userId: { $in: wanted }, leftSeq: 0 }, { userId: 1, conversationId: 1, _id: 0 })
        .hint({ userId: 1, leftSeq: 1, conversationId: 1 })
        .lean(),
    ]);
    for (const row of directs) for (const id of row.participants) emit(id.toHexString(), row);
    const membersOf = new Map<string, string[]>();
    for (const { conversationId, userId } of memberships) {
      const those = membersOf.get(conversationId.toHexString());
      if (those) those.push(userId.toHexString());
      else membersOf.set(conversationId.toHexString(), [userId.toHexString()]);
    }
    for (const row of await rowsOf([...membersOf.keys()]))
      for (const userId of membersOf.get(row._id.toHexString()) ?? []) emit(userId, row);
    return all;
  };
}
