import { Types } from 'mongoose';
import { idsOf } from './occupancy-changes.js';
import type { RoomRows } from './rooms.model.js';
import type { Wrote } from './slow-mode.js';

export type SlowModeNotes = ReturnType<typeof createSlowModeNotes>;

/** When those in a room last wrote in its slow mode: in the rows that say that they are in it. */
export function createSlowModeNotes({ visitors }: Pick<RoomRows, 'visitors'>) {
  return {
    async notedOf(conversationId: string, userId: string): Promise<Wrote | undefined> {
      const row = await visitors.findOne(idsOf(conversationId, userId), { wroteAt: 1, wroteAs: 1 }).lean();
      return row?.wroteAt && { at: row.wroteAt.getTime(), clientId: row.wroteAs };
    },

    /** @returns false where it is no longer as it was before */
    async note(
      conversationId: string,
      userId: string,
      { before, now }: { before: Wrote | undefined; now: Wrote },
    ): Promise<boolean> {
      const asBefore = { wroteAt: before ? new Date(before.at) : null, wroteAs: before?.clientId ?? null };
      const { matchedCount } = await visitors.updateOne(
        { ...idsOf(conversationId, userId), ...asBefore },
        now.clientId === undefined
          ? { $set: { wroteAt: new Date(now.at) }, $unset: { wroteAs: '' } }
          : { $set: { wroteAt: new Date(now.at), wroteAs: now.clientId } },
      );
      return matchedCount > 0;
    },

    /** Who wrote there last is read anew: without a slow mode nobody was asked. */
    async forget(conversationId: string): Promise<void> {
      await visitors.updateMany(
        { conversationId: new Types.ObjectId(conversationId), wroteAt: { $exists: true } },
        { $unset: { wroteAt: '', wroteAs: '' } },
      );
    },
  };
}
