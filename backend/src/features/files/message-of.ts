import type { Types } from 'mongoose';
import type { MessageRow } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { asBytes, rowOf } from '../../conversation-log/raw-rows.js';
import type { Claim } from './file.model.js';

export type MessageOf = ReturnType<typeof createMessageOf>;

/** Finds the message that a file is in: by what its sender knew before it was stored. */
export const createMessageOf =
  ({ entries }: Pick<ConversationLog, 'entries'>) =>
  /** Null where it is not stored, or no longer. A deleted one is found, without files. */
  async ({ conversationId, senderId, clientId }: Claim): Promise<MessageRow | null> => {
    const read = await entries.model
      .findOne({ conversationId, senderId, clientId })
      .setOptions(asBytes)
      .lean();
    const row = rowOf(read);
    return row?.kind === 'message' ? row : null;
  };

/** The files that are a message's. */
export const claimedBy = ({ conversationId, senderId, clientId }: Claim) => ({
  'claim.conversationId': conversationId,
  'claim.senderId': senderId,
  'claim.clientId': clientId,
});

/** Whether the message has this file, and was not deleted. */
export const hasFile = (message: MessageRow, fileId: Types.ObjectId): boolean =>
  message.deletedAt === undefined && message.attachments.some(({ _id }) => _id === fileId.toHexString());
