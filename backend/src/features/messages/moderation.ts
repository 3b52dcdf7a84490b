import type { Message } from '@sori/contract';
import { notFound } from '../../core/errors.js';
import type { Append } from '../../conversation-log/append.js';
import type { MessageRow } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { asBytes, rowsOf } from '../../conversation-log/raw-rows.js';
import { toMessage } from '../../conversation-log/to-contract.js';
import { hiddenFrom } from '../../conversation-log/visibility.js';
import type { ChangesDeps } from './changes.js';
import { changeHash } from './payload-hash.js';

/** In the name of the server, for what its admins do. Nobody has this id. */
const serverId = '0'.repeat(24);

/** The server needs no membership, so there is nothing that could change. */
const always: Append['rights'] = {
  membersVersion: 0,
  recheck: () => Promise.resolve(Number.MAX_SAFE_INTEGER),
};

export type Moderation = ReturnType<typeof createModeration>;

/** Messages without regard to who may see them: for the server's admins, and for nobody else. */
export function createModeration({ log, files }: { log: ConversationLog; files: ChangesDeps['files'] }) {
  const find = async (messageId: string): Promise<MessageRow | null> => {
    const row = await log.entries.model.findOne({ _id: messageId, kind: 'message' }).lean();
    return row?.kind === 'message' ? row : null;
  };

  return {
    /** Takes anybody's message away, as its writer could. Again is once. @throws AppError NOT_FOUND, and what an append throws */
    async remove(messageId: string): Promise<void> {
      const row = await find(messageId);
      if (!row) throw notFound();
      if (row.deletedAt) return;
      await files.expectRemoval(row);
      const conversationId = row.conversationId.toHexString();
      const payload = { kind: 'delete', targetSeq: row.seq } as const;
      await log.append({
        conversationId,
        senderId: serverId,
        clientId: `:delete-${row.seq}`,
        payloadHash: changeHash(log.payloadKey, conversationId, payload),
        payload,
        bytes: 600,
        rights: always,
        hiddenFor: () => hiddenFrom(row),
      });
    },

    /** As they now are. One that is no longer there is missing from the map. */
    async byIds(messageIds: readonly string[]): Promise<Map<string, Message>> {
      if (messageIds.length === 0) return new Map();
      const read = await log.entries.model
        .find({ _id: { $in: messageIds }, kind: 'message' })
        .setOptions(asBytes)
        .lean();
      const messages = rowsOf(read)
        .filter((row) => row.kind === 'message')
        .map((row) => toMessage(row));
      return new Map(messages.map((message) => [message._id, message]));
    },
  };
}
