import type { Model, Types } from 'mongoose';
import type { ConversationLog } from '../../log/log.js';
import type { MemberRow } from './members.model.js';
import type { Memberships } from './memberships.js';

export interface ContactsDeps {
  log: Pick<ConversationLog, 'conversations'>;
  members: Model<MemberRow>;
  memberships: Pick<Memberships, 'groupIdsOf'>;
}

/** How far somebody is in a conversation. */
type Seen = Pick<MemberRow, 'conversationId' | 'readSeq' | 'deliveredSeq'>;

/** What people have in common: with whom somebody shares conversations, and which. */
export function createContacts({ log, members, memberships }: ContactsDeps) {
  return {
    /** The people with whom somebody shares a conversation in which something was written; open rooms do not count. */
    async contactsOf(userId: string): Promise<string[]> {
      const rows = await log.conversations
        .find(
          { participants: userId, lastActivityAt: { $exists: true }, kind: { $ne: 'room' } },
          { participants: 1 },
        )
        .lean();
      const inGroups: Types.ObjectId[] = await members.distinct('userId', {
        conversationId: { $in: await memberships.groupIdsOf(userId) },
        leftSeq: 0,
      });
      const ids = new Set([...rows.flatMap((row) => row.participants), ...inGroups].map(String));
      ids.delete(userId);
      return [...ids];
    },

    /** How far a person is in every conversation in which the other one is as well. */
    async readBeside(userId: string, otherId: string): Promise<Seen[]> {
      const [direct, others] = await Promise.all([
        log.conversations.distinct('_id', { participants: { $all: [userId, otherId] } }),
        members.distinct('conversationId', { userId: otherId }),
      ]);
      const rows = await members.find({ userId, conversationId: { $in: [...direct, ...others] } }).lean();
      return rows.map(({ conversationId, readSeq, deliveredSeq }) => ({
        conversationId,
        readSeq,
        deliveredSeq,
      }));
    },
  };
}
