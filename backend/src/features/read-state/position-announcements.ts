import { limits, type ReadNotice } from '@sori/contract';
import { Types } from 'mongoose';
import type { ShownHead } from '../../conversation-log/conversations.model.js';
import type { Emitter } from '../../realtime/emitter.js';
import type { Receipts } from './receipts.js';

export interface PositionAnnouncementsDeps {
  receipts: Pick<Receipts, 'recipientsOf' | 'asShown'>;
  emit: Pick<Emitter, 'toPeople'>;
}

/** Who moved, and who may be notified of it besides themselves. */
export interface Moved {
  notice: ReadNotice;
  others: readonly string[];
  /** From whom something is hidden in that conversation. */
  shown: readonly ShownHead[];
}

export type PositionAnnouncements = ReturnType<typeof createPositionAnnouncements>;

/** Notifies people of how far one of them has read. Of a large conversation nobody is notified but the reader. */
export function createPositionAnnouncements({ receipts, emit }: PositionAnnouncementsDeps) {
  return {
    /** Who is notified of this person's reading in those of these conversations that are small enough for any. */
    recipientsAmong: (userId: string, all: readonly (readonly string[])[]): Promise<ReadonlySet<string>> =>
      receipts.recipientsOf(userId, [
        ...new Set(all.filter(({ length }) => length <= limits.membersShown).flat()),
      ]),

    /** Who is notified besides the person themselves. */
    othersAmong: (participants: readonly string[], recipients: ReadonlySet<string>): string[] =>
      participants.length > limits.membersShown ? [] : participants.filter((id) => recipients.has(id)),

    async emitMoved({ notice, others, shown }: Moved): Promise<void> {
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
    },
  };
}
