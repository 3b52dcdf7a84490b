import type { Positions, SetPosition } from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import type { Audience } from '../../core/audience.js';
import { notFound } from '../../core/errors.js';
import { upsert } from '../../database/duplicate-key.js';
import type { ConversationRow, ShownHead } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { changedNow, type MemberRow, noMark, ownRow, type WhoseRow } from '../members/members.model.js';
import { createPositionAnnouncements, type PositionAnnouncementsDeps } from './position-announcements.js';
import { createReadAll, type ReadAllDeps } from './read-all.js';

export interface PositionsDeps extends PositionAnnouncementsDeps, Omit<ReadAllDeps, 'changes'> {
  log: ConversationLog;
  /** Throws NOT_FOUND. */
  audienceFor: (caller: Caller, conversationId: string) => Promise<Audience>;
  /** Throws NOT_FOUND. */
  rowOf: (caller: Caller, conversationId: string) => Promise<ConversationRow>;
}

/** What people have read and what has reached them. Neither falls nor passes the head, whatever order it is asked in. */
export function createPositions(deps: PositionsDeps) {
  const { log, members, audienceFor, rowOf, markCleared } = deps;
  const changes = createPositionAnnouncements(deps);

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
    const others = changes.othersAmong(
      participants,
      await changes.recipientsAmong(caller.userId, [participants]),
    );
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
      const notice = { conversationId, userId: caller.userId, ...positions };
      await changes.emitMoved({ notice, others, shown });
    }
    if (isRead && before?.unreadFromSeq !== undefined) markCleared(caller.userId, conversationId);
    return positions;
  }

  return {
    setRead: (caller: Caller, asked: SetPosition): Promise<Positions> => advance(caller, asked, 'read'),

    /** A device of the caller's has stored the conversation up to here. */
    setDelivered: (caller: Caller, asked: SetPosition): Promise<Positions> =>
      advance(caller, asked, 'delivered'),

    readAll: createReadAll({ ...deps, changes }),
  };
}
