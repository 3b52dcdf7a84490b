import { limits, type Positions, type ReadNotice, type SetPosition } from '@sori/contract';
import { type Model, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import type { Audience } from '../../core/audience.js';
import { notFound } from '../../core/errors.js';
import { upsert } from '../../database/duplicate-key.js';
import {
  type ConversationRow,
  isDirectOf,
  isThere,
  type ShownHead,
} from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Emitter } from '../../realtime/emitter.js';
import { changedNow, type MemberRow, noMark, ownRow, type WhoseRow } from '../members/members.model.js';
import type { Receipts } from './receipts.js';
import { firstMembers } from '../members/rosters.js';

export interface PositionsDeps {
  log: ConversationLog;
  members: Model<MemberRow>;
  /** The same rows, for reading many at once. */
  memberReads: Model<MemberRow>;
  /** Throws NOT_FOUND. */
  audienceFor: (caller: Caller, conversationId: string) => Promise<Audience>;
  /** Throws NOT_FOUND. */
  rowOf: (caller: Caller, conversationId: string) => Promise<ConversationRow>;
  /** The groups and rooms that this person is in. */
  joinedIdsOf: (userId: string) => Promise<Types.ObjectId[]>;
  receipts: Pick<Receipts, 'recipientsOf' | 'asShown'>;
  emit: Pick<Emitter, 'toPeople'>;
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

/** What people have read and what has reached them. Neither falls nor passes the head, whatever order it is asked in. */
export function createPositions(deps: PositionsDeps) {
  const { log, members, memberReads, audienceFor, rowOf, joinedIdsOf } = deps;
  const { receipts, emit, markCleared } = deps;

  /** Who is notified besides the person themselves. */
  const othersAmong = (participants: readonly string[], recipients: ReadonlySet<string>): string[] =>
    participants.length > limits.membersShown ? [] : participants.filter((id) => recipients.has(id));

  async function emitMoved(
    notice: ReadNotice,
    others: readonly string[],
    shown: readonly ShownHead[],
  ): Promise<void> {
    const toOthers =
      others.length === 0
        ? notice
        : await receipts.asShown(notice, new Types.ObjectId(notice.conversationId), shown);
    if (toOthers === notice) {
      emit.toPeople([notice.userId, ...others], 'read', notice);
      return;
    }
    emit.toPeople([notice.userId], 'read', notice);
    emit.toPeople(others, 'read', toOthers);
  }

  /** Who is notified of this person's reading in those of these conversations that are small enough for any. */
  const recipientsAmong = (
    userId: string,
    all: readonly (readonly string[])[],
  ): Promise<ReadonlySet<string>> =>
    receipts.recipientsOf(userId, [
      ...new Set(all.filter(({ length }) => length <= limits.membersShown).flat()),
    ]);

  /** From whom something is hidden in this conversation. What this process wrote lately, it knows. */
  const shownIn = async (caller: Caller, conversationId: string): Promise<readonly ShownHead[]> =>
    log.heads.known(conversationId)?.shown ?? (await rowOf(caller, conversationId)).shown ?? [];

  /**
   * @returns the row as it was before; null where there was none.
   * @throws AppError NOT_FOUND for somebody who has just gone
   */
  async function raise(
    whose: WhoseRow,
    positions: Partial<Positions>,
    clearsMark: boolean,
  ): Promise<MemberRow | null> {
    const change = { $max: positions, ...(clearsMark ? { $unset: noMark, ...changedNow } : {}) };
    const { filter, update, upsert: begins } = ownRow(whose, change);
    const options = { upsert: begins, returnDocument: 'before' } as const;
    const before = await upsert(() => members.findOneAndUpdate(filter, update, options).lean().exec());
    if (!before && !begins) throw notFound();
    return before;
  }

  async function advance(
    caller: Caller,
    { conversationId, seq }: SetPosition,
    what: 'read' | 'delivered',
  ): Promise<Positions> {
    const { kind, participants } = await audienceFor(caller, conversationId);
    // Before anything is stored: whoever had to come again after that would find nothing that moved, and notify nobody.
    const others = othersAmong(participants, await recipientsAmong(caller.userId, [participants]));
    const shown = others.length === 0 ? [] : await shownIn(caller, conversationId);
    const known = log.headSeq({ _id: new Types.ObjectId(conversationId), appliedSeq: 0 });
    const reached = seq <= known ? seq : Math.min(seq, log.headSeq(await rowOf(caller, conversationId)));
    const isRead = what === 'read';
    // What was read has been delivered.
    const asked = isRead ? { readSeq: reached, deliveredSeq: reached } : { deliveredSeq: reached };
    const before = await raise({ kind, conversationId, userId: caller.userId }, asked, isRead);
    const { readSeq = 0, deliveredSeq = 0 } = before ?? {};
    const positions = {
      readSeq: isRead ? Math.max(readSeq, reached) : readSeq,
      deliveredSeq: Math.max(deliveredSeq, reached),
    };
    if (positions.readSeq > readSeq || positions.deliveredSeq > deliveredSeq) {
      await emitMoved({ conversationId, userId: caller.userId, ...positions }, others, shown);
    }
    if (isRead && before?.unreadFromSeq !== undefined) markCleared(caller.userId, conversationId);
    return positions;
  }

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

  return {
    setRead: (caller: Caller, asked: SetPosition): Promise<Positions> => advance(caller, asked, 'read'),

    /** A device of the caller's has stored the conversation up to here. */
    setDelivered: (caller: Caller, asked: SetPosition): Promise<Positions> =>
      advance(caller, asked, 'delivered'),

    /** Reads everything to its end. */
    async readAll({ userId }: Caller): Promise<void> {
      const all = await unreadOf(userId);
      if (all.length === 0) return;
      const recipients = await recipientsAmong(
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
            await emitMoved(notice, othersAmong(participants, recipients), shown);
          }
          if (before?.unreadFromSeq !== undefined) markCleared(userId, id);
        }
      }
    },
  };
}
