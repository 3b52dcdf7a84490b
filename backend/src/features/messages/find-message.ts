import { type Audience, firstSeqOf } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { MessageRow } from '../../conversation-log/entries.model.js';
import { asBytes, rowOf } from '../../conversation-log/raw-rows.js';
import { isHiddenFrom } from '../../conversation-log/visibility.js';

export interface FindMessageDeps {
  log: Pick<ConversationLog, 'entries'>;
  /** The recipients in a conversation, for somebody who is in it; throws NOT_FOUND. */
  memberOf: (userId: string, conversationId: string) => Promise<Audience>;
}

export type FindMessage = ReturnType<typeof createFindMessage>;

/** Messages for whoever may read them; for others they are not there. */
export function createFindMessage({ log, memberOf }: FindMessageDeps) {
  /**
   * Whoever may read the message is in its conversation, came before it, and it is not hidden from them.
   * @throws AppError NOT_FOUND
   */
  async function requireReadable({ userId }: Pick<Caller, 'userId'>, row: MessageRow): Promise<Audience> {
    const audience = await memberOf(userId, row.conversationId.toHexString());
    if (row.seq < firstSeqOf(audience, userId) || isHiddenFrom(userId, row)) throw notFound();
    return audience;
  }

  return {
    requireReadable,

    /** @throws AppError NOT_FOUND */
    byId: async (caller: Caller, messageId: string): Promise<{ row: MessageRow; audience: Audience }> => {
      const read = await log.entries.model
        .findOne({ _id: messageId, kind: 'message' })
        .setOptions(asBytes)
        .lean();
      const row = rowOf(read);
      if (row?.kind !== 'message') throw notFound();
      return { row, audience: await requireReadable(caller, row) };
    },
  };
}
