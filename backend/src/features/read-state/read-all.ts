import { limits, type Positions } from '@sori/contract';
import type { Model, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { upsert } from '../../database/duplicate-key.js';
import {
  type ConversationRow,
  isDirectOf,
  isThere,
  type ShownHead,
} from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { changedNow, type MemberRow, noMark, ownRow } from '../members/members.model.js';
import { firstMembers } from '../members/rosters.js';
import type { PositionAnnouncements } from './position-announcements.js';

export interface ReadAllDeps {
  log: Pick<ConversationLog, 'reads' | 'headSeq'>;
  members: Model<MemberRow>;
  /** The same rows, for reading many at once. */
  memberReads: Model<MemberRow>;
  /** The groups and rooms that this person is in. */
  joinedIdsOf: (userId: string) => Promise<Types.ObjectId[]>;
  changes: PositionAnnouncements;
  /** A mark as unread was taken back: the person's own devices are notified of it. */
  markCleared: (userId: string, conversationId: string) => void;
}

/** Emitted in one go, a thousand notices would look like a reader that does not read (`slow-reader.ts`). */
const emittedAtOnce = 100;
const writtenAtOnce = 500;
/** Groups and rooms whose members are read at the same time. */
const lookedUpAtOnce = 10;
/** Of so many people in a conversation, nobody is notified how far the others are. */
const tooMany = limits.membersShown + 1;

interface Advance {
  conversationId: Types.ObjectId;
  kind: ConversationRow['kind'];
  before: (Positions & Pick<MemberRow, 'unreadFromSeq'>) | undefined;
  headSeq: number;
  participants: readonly string[];
  shown: readonly ShownHead[];
}

type UnreadRow = Pick<ConversationRow, '_id' | 'kind' | 'participants' | 'appliedSeq' | 'shown'>;

/** "Mark all as read": of every conversation of a person, however many these are. */
export function createReadAll({ log, members, memberReads, joinedIdsOf, changes, markCleared }: ReadAllDeps) {
  /** Everything that this person has not read to the end, or has marked. */
  async function unreadOf(userId: string): Promise<Advance[]> {
    const [rows, own] = await Promise.all([
      log.reads.conversations
        .find(
          {
            $or: [isDirectOf(userId), { _id: { $in: await joinedIdsOf(userId) }, ...isThere }],
            appliedSeq: { $gt: 0 },
          },
          { kind: 1, participants: 1, appliedSeq: 1, shown: 1 },
        )
        .lean<UnreadRow[]>(),
      memberReads
        .find({ userId }, { conversationId: 1, readSeq: 1, deliveredSeq: 1, unreadFromSeq: 1 })
        .lean(),
    ]);
    const states = new Map(own.map((state) => [state.conversationId.toHexString(), state]));
    const behind = rows.flatMap((row) => {
      const before = states.get(row._id.toHexString());
      const headSeq = log.headSeq(row);
      if (before && before.readSeq >= headSeq && before.unreadFromSeq === undefined) return [];
      return [{ row, before, headSeq }];
    });
    const advances: Advance[] = [];
    for (let start = 0; start < behind.length; start += lookedUpAtOnce) {
      const some = behind.slice(start, start + lookedUpAtOnce).map(async ({ row, before, headSeq }) => ({
        conversationId: row._id,
        kind: row.kind,
        before,
        headSeq,
        participants: await firstOf(row),
        shown: row.shown ?? [],
      }));
      advances.push(...(await Promise.all(some)));
    }
    return advances;
  }

  /** Those who may be notified; of a conversation in which nobody is, because there are too many, one more than that. */
  const firstOf = async ({ _id, kind, participants }: UnreadRow): Promise<string[]> =>
    kind === 'direct' ? participants.map((id) => id.toHexString()) : firstMembers(memberReads, _id, tooMany);

  async function store(userId: string, advances: readonly Advance[]): Promise<void> {
    const updates = advances.map(({ kind, conversationId, headSeq }) => {
      const read = { $max: { readSeq: headSeq, deliveredSeq: headSeq }, $unset: noMark, ...changedNow };
      return { updateOne: ownRow({ kind, conversationId, userId }, read) };
    });
    await upsert(() => members.bulkWrite(updates, { ordered: false }));
  }

  /** Reads everything to its end. */
  return async function readAll({ userId }: Caller): Promise<void> {
    const all = await unreadOf(userId);
    if (all.length === 0) return;
    const recipients = await changes.recipientsAmong(
      userId,
      all.map(({ participants }) => participants),
    );
    for (let start = 0; start < all.length; start += writtenAtOnce) {
      const advances = all.slice(start, start + writtenAtOnce);
      await store(userId, advances);
      for (const [index, { conversationId, before, headSeq, participants, shown }] of advances.entries()) {
        if (index > 0 && index % emittedAtOnce === 0) await new Promise(setImmediate);
        const id = conversationId.toHexString();
        if (headSeq > (before?.readSeq ?? 0)) {
          const deliveredSeq = Math.max(before?.deliveredSeq ?? 0, headSeq);
          const notice = { conversationId: id, userId, readSeq: headSeq, deliveredSeq };
          const others = changes.othersAmong(participants, recipients);
          await changes.emitMoved({ notice, others, shown });
        }
        if (before?.unreadFromSeq !== undefined) markCleared(userId, id);
      }
    }
  };
}
