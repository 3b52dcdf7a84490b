import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import type { Audience, Membership } from '../../core/audience.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { MemberRow } from './members.model.js';

export interface GroupAudiencesDeps {
  members: Model<MemberRow>;
  /** In all groups together. */
  rememberedMembers: number;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Others change who is in a group as well. What is emitted never goes by this: an entry says which members it needs. */
const trustedForMs = 500;
/** Between two batches of rows, what others do has its turn. */
const decodedAtOnce = 250;

/** Who is in which group, remembered at a version (`membersVersion`). */
export function createGroupAudiences({ members, rememberedMembers, now }: GroupAudiencesDeps) {
  const known = new LRUCache<string, Audience>({
    max: 50_000,
    maxSize: rememberedMembers,
    sizeCalculation: ({ participants }) => 1 + participants.length,
  });
  /** When the version was last seen in the database. */
  const seenAt = new LRUCache<string, number>({ max: 50_000 });

  return {
    known: (conversationId: string): Audience | undefined => known.get(conversationId),

    /** As it was in the database less than half a second ago; undefined where that has to be read. */
    fresh(conversationId: string): Audience | undefined {
      const isFresh = now() - (seenAt.get(conversationId) ?? -Infinity) < trustedForMs;
      return isFresh ? known.get(conversationId) : undefined;
    },

    /**
     * The row was read before its members, who are therefore at least as new as its version. Of thousands, those are read of
     * whom something changed since this server last looked.
     */
    async audienceAt(row: ConversationRow, readAt: number): Promise<Audience> {
      const conversationId = row._id.toHexString();
      const { membersVersion = 0 } = row;
      let group = known.get(conversationId);
      if (!group || group.membersVersion < membersVersion) {
        const before = group;
        const wanted = before ? { memberSeq: { $gt: before.membersVersion } } : { leftSeq: 0 };
        const rows = await members
          .find(
            { conversationId: row._id, ...wanted },
            { userId: 1, role: 1, joinSeq: 1, firstSeq: 1, leftSeq: 1 },
          )
          .sort({ joinSeq: 1, joinedAt: 1, userId: 1 })
          .batchSize(decodedAtOnce)
          .lean();
        group = known.get(conversationId);
        // Somebody else may have read a newer one meanwhile.
        if (!group || group.membersVersion < membersVersion) {
          const those = merged(before?.members, rows);
          const participants = [...those.keys()];
          group = { conversationId, kind: 'group', participants, membersVersion, members: those };
          known.set(conversationId, group);
        }
      }
      seenAt.set(conversationId, readAt);
      return group;
    },
  };
}

type Changed = Pick<MemberRow, 'userId' | 'role' | 'joinSeq' | 'firstSeq' | 'leftSeq'>;

/** Those who were there, and what became of some of them since. Still the longest-standing first: who comes is the latest. */
function merged(
  before: ReadonlyMap<string, Membership> | undefined,
  changed: readonly Changed[],
): Map<string, Membership> {
  const members = new Map(before);
  for (const { userId, role, joinSeq, firstSeq = 1, leftSeq = 0 } of changed) {
    const id = userId.toHexString();
    // Who came again stands behind the others, and who only has another role stays in their place.
    if (leftSeq > 0 || members.get(id)?.joinSeq !== joinSeq) members.delete(id);
    if (leftSeq === 0) members.set(id, { role, joinSeq, firstSeq });
  }
  return members;
}
