import type { MessageRow } from '../../conversation-log/entries.model.js';
import type { Clock } from '../../realtime/clock.js';
import type { Files } from './file.model.js';
import { claimedBy } from './message-of.js';

export interface RemovalMarksDeps {
  files: Files['files'];
  clock: Pick<Clock, 'now'>;
}

export type RemovalMarks = ReturnType<typeof createRemovalMarks>;

/** What is about to be deleted is, or is not, after so long. In milliseconds. */
const removedWithinMs = 30_000;

/** Notes of files whose messages are about to be deleted: whatever becomes of this program, the sweeper looks at them. */
export function createRemovalMarks({ files, clock }: RemovalMarksDeps) {
  const dueAt = (): Date => new Date(clock.now() + removedWithinMs);
  return {
    /** A message is about to be deleted for everyone. To be called before that is stored. */
    async expectRemoval(message: MessageRow): Promise<void> {
      if (message.attachments.length > 0)
        await files.updateMany(claimedBy(message), { $set: { dueAt: dueAt() } });
    },

    /** Files of messages that are deleted without an entry about it: of a room that is, or because they are too old. */
    async expectGone(fileIds: readonly string[]): Promise<void> {
      if (fileIds.length === 0) return;
      const condemnedAt = new Date(clock.now());
      await files.updateMany({ _id: { $in: fileIds } }, { $set: { condemnedAt, dueAt: dueAt() } });
    },
  };
}
