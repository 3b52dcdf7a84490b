import type { Types } from 'mongoose';
import type { MessageRow } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Clock } from '../../realtime/clock.js';
import type { Bytes } from './bytes.js';
import type { FileRow, Files } from './file.model.js';
import { hasFile, type MessageOf } from './message-of.js';

export interface DueFilesDeps {
  files: Files['files'];
  bytes: Pick<Bytes, 'drop'>;
  conversations: ConversationLog['conversations'];
  messageOf: MessageOf;
  clock: Pick<Clock, 'now'>;
}

/** A message of which nothing is known yet may still be stored; then its file is needed. In milliseconds. */
const condemnedForMs = 60_000;

/** What becomes of a file at which it is time to look: it stays, or is deleted, the second time where that is not certain. */
export function createDueFiles({ files, bytes, conversations, messageOf, clock }: DueFilesDeps) {
  /** The bytes first: what is left where this breaks off is a row that is looked at again. */
  async function remove({ _id, bytesId }: Pick<FileRow, '_id' | 'bytesId'>): Promise<void> {
    await bytes.drop(bytesId, _id);
    await files.deleteOne({ _id });
  }

  /** Whether the message is gone for good, though its row may still be there. */
  async function isGone(message: MessageRow, fileId: Types.ObjectId): Promise<boolean> {
    if (!hasFile(message, fileId)) return true;
    const conversation = await conversations
      .findById(message.conversationId, { firstSeq: 1, deletedAt: 1 })
      .lean();
    return (
      !conversation || conversation.deletedAt !== undefined || message.seq < (conversation.firstSeq ?? 1)
    );
  }

  async function check(row: FileRow): Promise<void> {
    const { _id, dueAt, claim, condemnedAt } = row;
    const message = claim ? await messageOf(claim) : null;
    if (message) {
      if (await isGone(message, _id)) await remove(row);
      else
        await files.updateOne(
          { _id, dueAt },
          { $unset: { dueAt: '', condemnedAt: '', 'claim.released': '' } },
        );
      return;
    }
    if (condemnedAt === undefined) {
      // Only as it was read: whoever claims it meanwhile has moved the time on.
      await files.updateOne(
        { _id, dueAt },
        { $set: { condemnedAt: new Date(clock.now()), dueAt: new Date(clock.now() + condemnedForMs) } },
      );
    } else await remove(row);
  }

  return { check, remove };
}
