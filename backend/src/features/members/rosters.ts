import { limits } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import type { Model, Types } from 'mongoose';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { MemberRow } from './members.model.js';

/** The longest-standing first, up to `limits.membersShown`. */
export interface Roster {
  shown: string[];
  count: number;
}

/** Up to `most` of those who are in a group or room, the longest-standing first. */
export async function firstMembers(
  members: Model<MemberRow>,
  conversationId: Types.ObjectId,
  most: number,
): Promise<string[]> {
  const rows = await members
    .find({ conversationId, leftSeq: 0 }, { userId: 1, _id: 0 })
    .sort({ joinSeq: 1, joinedAt: 1, userId: 1 })
    .limit(most)
    .lean();
  return rows.map(({ userId }) => userId.toHexString());
}

/** Who is shown with each conversation, and how many there are. */
export function createRosters(members: Model<MemberRow>) {
  /** Of large groups and rooms, at a version of their members: counting them walks over all. */
  const sizes = new LRUCache<string, { version: number; count: number }>({ max: 50_000 });

  /** The row was read before its members are counted, who are therefore at least as new as its version. */
  async function sizeOf({ _id, kind, membersVersion, membersChanges }: ConversationRow): Promise<number> {
    const id = _id.toHexString();
    const version = (kind === 'room' ? membersChanges : membersVersion) ?? 0;
    const known = sizes.get(id);
    if (known?.version === version) return known.count;
    const count = await members.countDocuments({ conversationId: _id, leftSeq: 0 });
    sizes.set(id, { version, count });
    return count;
  }

  async function rosterOf(row: ConversationRow): Promise<Roster> {
    if (row.kind === 'direct') {
      const shown = row.participants.map((one) => one.toHexString());
      return { shown, count: shown.length };
    }
    const first = await firstMembers(members, row._id, limits.membersShown + 1);
    const count = first.length <= limits.membersShown ? first.length : await sizeOf(row);
    return { shown: first.slice(0, limits.membersShown), count };
  }

  return async function rostersOf(rows: readonly ConversationRow[]): Promise<Map<string, Roster>> {
    const rosters = await Promise.all(
      rows.map(async (row): Promise<[string, Roster]> => [row._id.toHexString(), await rosterOf(row)]),
    );
    return new Map(rosters);
  };
}
