import type { Role } from '@sori/contract';
import { type Model, mongo, type Types } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.js';
import type { ConversationRow } from './conversations.model.js';
import type { EntryRow, MemberRow, TitleRow } from './entries.model.js';
import { UnreadableEntry } from './set-aside.js';

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
  /** When that was. */
  joinedAt?: Date;
  /** Where the log begins for this person. */
  firstSeq: number;
  /** Seq of the entry by which this person went; 0 for who is there. */
  leftSeq: number;
  /** This person went by leaving, and not by being taken out. */
  leftFreely?: true;
  /** Somebody else has taken this person in again after that. It stays so: from now on they come by themselves alone. */
  takenBack?: true;
  /** Seq of the latest entry that changed any of this: the last one counts, in whatever order they are applied. */
  memberSeq: number;
  readSeq: number;
  deliveredSeq: number;
}

type Members = mongo.Collection<Membership>;

export interface MembershipDeps {
  members: Members;
  conversations: Model<ConversationRow>;
}

export const isMembership = (entry: EntryRow): entry is MemberRow | TitleRow =>
  entry.kind === 'member' || entry.kind === 'title';

/** What of a person's own in a group ends with the membership. */
const own = { draft: '', mutedUntil: '', unreadFromSeq: '', unreadMarkedAt: '' } as const;

/** What this entry makes of those who come by it: they have read what was there before, or may never see it. */
const beginning = ({ seq, at, role = 'member', history }: MemberRow) => ({
  role,
  joinSeq: seq,
  joinedAt: at,
  firstSeq: history === 'since-joining' ? seq : 1,
  leftSeq: 0,
  memberSeq: seq,
  readSeq: seq,
  deliveredSeq: seq,
});

/**
 * So many people's rows are written in one go. Thousands at once take longer than a call to the database may, and would take
 * as long again at every next try; and between two goes, what others write has its turn.
 */
const writtenAtOnce = 250;

/** The engine is not left to choose among the indexes: for many people at once it chooses a way that it cannot go. */
const byPerson = { conversationId: 1, userId: 1 } as const;

async function applyMember(entry: MemberRow, { members }: MembershipDeps): Promise<void> {
  const { conversationId, seq } = entry;
  if (!Array.isArray(entry.userIds)) throw new UnreadableEntry('userIds');
  const change = changeBy(entry);
  const begins = entry.change === 'joined' || entry.change === 'added';
  for (let start = 0; start < entry.userIds.length; start += writtenAtOnce) {
    const userIds = entry.userIds.slice(start, start + writtenAtOnce);
    const older = { conversationId, userId: { $in: userIds }, memberSeq: { $lt: seq } };
    const options = { hint: byPerson };
    if (entry.change === 'added') {
      const back = { ...change, $set: { ...beginning(entry), takenBack: true as const } };
      await members.updateMany({ ...older, leftFreely: true }, back, options);
    }
    // Where they come, first those who have been here before, whose row says that they went.
    await members.updateMany(older, change, options);
    if (!begins) continue;
    const rows = userIds.map((userId) => ({ conversationId, userId, ...beginning(entry) }));
    await members.insertMany(rows, { ordered: false }).catch((error: unknown) => {
      // They have a row: of before, or from somebody else who applies the same entry.
      if (!isAllThere(error)) throw error;
    });
  }
}

function isAllThere(error: unknown): boolean {
  if (!(error instanceof mongo.MongoBulkWriteError) || error.result.getWriteConcernError()) return false;
  const failed = [error.writeErrors].flat<mongo.OneOrMore<mongo.WriteError>[]>();
  return failed.length > 0 && failed.every(isDuplicateKey);
}

/** What this entry changes of a row that is there. */
function changeBy(entry: MemberRow): mongo.UpdateFilter<Membership> {
  const { seq, role } = entry;
  switch (entry.change) {
    case 'joined':
    case 'added':
      // A row of before also says how they went.
      return { $set: beginning(entry), $unset: { leftFreely: '' } };
    case 'left':
      return { $set: { leftSeq: seq, memberSeq: seq, leftFreely: true }, $unset: own };
    case 'removed':
      return { $set: { leftSeq: seq, memberSeq: seq }, $unset: own };
    case 'role':
      return { $set: { memberSeq: seq, ...(role ? { role } : {}) } };
  }
}

/**
 * Applies the changes of membership and of name among these entries of one conversation, in order. Again, or late, ends in
 * the same state. The version in the conversation follows its members, so who reads the version first reads members that
 * are at least as new.
 */
export async function applyMembership(entries: readonly EntryRow[], deps: MembershipDeps): Promise<void> {
  const { conversations } = deps;
  for (const entry of entries) {
    const { seq, conversationId: _id } = entry;
    if (entry.kind === 'member') {
      await applyMember(entry, deps);
      await passMembership(entry, deps);
    } else if (entry.kind === 'title') {
      await conversations.updateOne(
        { _id, $or: [{ titleSeq: { $exists: false } }, { titleSeq: { $lt: seq } }] },
        { $set: { name: entry.name, titleSeq: seq } },
      );
    }
  }
}

/** The members are at this entry's version, as far as they ever will be: whoever needs that version waits for this. */
export async function passMembership(
  { kind, seq, conversationId: _id }: EntryRow,
  { conversations }: Pick<MembershipDeps, 'conversations'>,
): Promise<void> {
  if (kind !== 'member') return;
  await conversations.updateOne({ _id }, { $max: { membersVersion: seq } });
}
