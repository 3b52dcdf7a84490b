import type { Model } from 'mongoose';
import { isDirectOf } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { MemberRow } from '../members/members.model.js';
import type { Memberships } from '../members/memberships.js';

export interface ContactsDeps {
  log: Pick<ConversationLog, 'conversations' | 'reads'>;
  /** On the connections for reads. */
  members: Model<MemberRow>;
  memberships: Pick<Memberships, 'groupIdsOf'>;
}

/** How far somebody is in a conversation. */
type Seen = Pick<MemberRow, 'conversationId' | 'readSeq' | 'deliveredSeq'>;

/** What people have in common: with whom somebody shares conversations, and which. */
export function createContacts({ log, members, memberships }: ContactsDeps) {
  return {
    /**
     * With whom somebody shares a direct conversation in which something was written, and which groups they are in; open
     * rooms do not count. Who else is in a group is not read: of thousands, few are here.
     */
    async circleOf(userId: string): Promise<{ people: string[]; groups: string[] }> {
      const [rows, groups] = await Promise.all([
        log.conversations
          .find({ ...isDirectOf(userId), lastActivityAt: { $exists: true } }, { participants: 1 })
          .lean(),
        memberships.groupIdsOf(userId),
      ]);
      const people = new Set(rows.flatMap((row) => row.participants.map(String)));
      people.delete(userId);
      return { people: [...people], groups: groups.map(String) };
    },

    /** How far a person is in every conversation in which the other one is as well. */
    async readBeside(userId: string, otherId: string): Promise<Seen[]> {
      const [direct, others] = await Promise.all([
        log.reads.conversations.distinct('_id', isDirectOf({ $all: [userId, otherId] })),
        members.distinct('conversationId', { userId: otherId }),
      ]);
      return members
        .find(
          { userId, conversationId: { $in: [...direct, ...others] } },
          { conversationId: 1, readSeq: 1, deliveredSeq: 1, _id: 0 },
        )
        .lean();
    },
  };
}
