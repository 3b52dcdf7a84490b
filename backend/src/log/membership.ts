import type { Role } from '@sori/contract';
import { type Model, mongo, type Types } from 'mongoose';
import type { ConversationRow } from './conversations.model.js';
import type { EntryRow, MemberRow, TitleRow } from './entries.model.js';

/**
 * What the `member` entries of a group make of a person. A row stays when its person has gone, so that an entry which is
 * applied once more does not bring anybody back.
 */
export interface Membership {
  conversationId: Types.ObjectId;
  userId: Types.ObjectId;
  role: Role;
  /** Seq of the entry by which this person came. */
  joinSeq: number;
  /** Where the log begins for this person. */
  firstSeq: number;
  /** Seq of the entry by which this person went; 0 for who is there. */
  leftSeq: number;
  /** Seq of the latest entry that changed any of this: the last one counts, in whatever order they are applied. */
  memberSeq: number;
  readSeq: number;
  deliveredSeq: number;
}

type Members = mongo.Collection<Membership>;

export interface MembershipDeps {
  members: Members;
  conversations: Model<ConversationRow>;
  writeConcern: mongo.WriteConcernSettings;
}

export const isMembership = (entry: EntryRow): entry is MemberRow | TitleRow =>
  entry.kind === 'member' || entry.kind === 'title';

/** What of a person's own in a group ends with the membership. */
const own = { draft: '', mutedUntil: '', unreadFromSeq: '', unreadMarkedAt: '' } as const;

/** What this entry makes of those who come by it: they have read what was there before, or may never see it. */
const beginning = ({ seq, role = 'member', history }: MemberRow) => ({
  role,
  joinSeq: seq,
  firstSeq: history === 'since-joining' ? seq : 1,
  leftSeq: 0,
  memberSeq: seq,
  readSeq: seq,
  deliveredSeq: seq,
});

async function applyMember(entry: MemberRow, { members, writeConcern }: MembershipDeps): Promise<void> {
  const { conversationId, userIds, seq } = entry;
  const older = { conversationId, userId: { $in: userIds }, memberSeq: { $lt: seq } };
  switch (entry.change) {
    case 'joined':
    case 'added': {
      const begins = beginning(entry);
      // First those who have been here before, whose row says that they went.
      await members.updateMany(older, { $set: begins }, { writeConcern });
      const upserts = userIds.map((userId) => ({
        updateOne: { filter: { conversationId, userId }, update: { $setOnInsert: begins }, upsert: true },
      }));
      const write = () => members.bulkWrite(upserts, { ordered: false, writeConcern });
      await write().catch((error: unknown) => {
        // Somebody else applies the same entry: now the rows are there.
        if (!(error instanceof mongo.MongoServerError && error.code === 11000)) throw error;
        return write();
      });
      return;
    }
    case 'left':
    case 'removed':
      await members.updateMany(
        older,
        { $set: { leftSeq: seq, memberSeq: seq }, $unset: own },
        { writeConcern },
      );
      return;
    case 'role':
      await members.updateMany(
        older,
        { $set: { memberSeq: seq, ...(entry.role ? { role: entry.role } : {}) } },
        { writeConcern },
      );
  }
}

/**
 * Applies the changes of membership and of name among these entries of one conversation, in order. Again, or late, ends in
 * the same state. The version in the conversation follows its members, so who reads the version first reads members that
 * are at least as new.
 */
export async function applyMembership(entries: readonly EntryRow[], deps: MembershipDeps): Promise<void> {
  const { conversations, writeConcern } = deps;
  for (const entry of entries) {
    const { seq, conversationId: _id } = entry;
    if (entry.kind === 'member') {
      await applyMember(entry, deps);
      await conversations.updateOne({ _id }, { $max: { membersVersion: seq } }, { writeConcern });
    } else if (entry.kind === 'title') {
      await conversations.updateOne(
        { _id, $or: [{ titleSeq: { $exists: false } }, { titleSeq: { $lt: seq } }] },
        { $set: { name: entry.name, titleSeq: seq } },
        { writeConcern },
      );
    }
  }
}
