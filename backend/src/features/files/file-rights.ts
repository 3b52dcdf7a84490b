import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import type { MessageRow } from '../../conversation-log/entries.model.js';
import type { FileRow, Files } from './file.model.js';
import { hasFile, type MessageOf } from './message-of.js';

export interface FileRightsDeps {
  files: Files['files'];
  messageOf: MessageOf;
  /** Throws NOT_FOUND for whoever may not read this message now. */
  requireReadable: (caller: Caller, message: MessageRow) => Promise<unknown>;
  isAdmin: (userId: string) => Promise<boolean>;
  /** Whether a report of this message waits for an admin. */
  isReported: (messageId: string) => Promise<boolean>;
}

/** Who may read a file at this moment: nothing of it is remembered, so that a deletion or a removal counts at once. */
export function createFileRights({ files, messageOf, requireReadable, isAdmin, isReported }: FileRightsDeps) {
  async function mayRead(caller: Caller, message: MessageRow): Promise<boolean> {
    try {
      await requireReadable(caller, message);
      return true;
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
    }
    if (caller.guest || !(await isAdmin(caller.userId))) return false;
    return isReported(message._id.toHexString());
  }

  /**
   * The file, for whoever may read it: of an upload its owner, of a sent one who may read the message.
   * @throws AppError NOT_FOUND, the same whatever the reason
   */
  return async function readable(caller: Caller | null, id: string): Promise<FileRow> {
    if (caller === null) throw notFound();
    const row = await files.findOne({ _id: id, state: 'ready' }).lean();
    if (!row) throw notFound();
    const message = row.claim ? await messageOf(row.claim) : null;
    const allowed = message
      ? hasFile(message, row._id) && (await mayRead(caller, message))
      : row.condemnedAt === undefined && row.ownerId.toHexString() === caller.userId;
    if (!allowed) throw notFound();
    return row;
  };
}
