import type { Logger } from 'pino';
import { isMembership } from '../../conversation-log/membership.js';
import type { DeliverySubscriber, Subscriber } from '../../conversation-log/stored-entries.js';
import type { Conversations } from './conversation.service.js';

/** What a message changes for those who were shown less than it: marks as unread, and conversations that begin late. */
export const readStateSubscriber = ({ wrote }: Pick<Conversations, 'wrote'>): Subscriber => ({
  name: 'read state',
  stored({ kind, conversationId, senderId, seq }) {
    if (kind === 'message')
      wrote({ conversationId: conversationId.toHexString(), senderId: senderId.toHexString(), seq });
  },
});

/** A conversation begins to exist for its people with its first entry. That notifies whoever opens a room. */
export const newConversationSubscriber = (
  { emitNew }: Pick<Conversations, 'emitNew'>,
  log: Pick<Logger, 'warn'>,
): DeliverySubscriber => ({
  name: 'new conversations',
  delivered(entry, audience) {
    if (entry.seq !== 1 || isMembership(entry) || audience.kind === 'room') return;
    emitNew(audience).catch((error: unknown) => {
      log.warn({ reason: String(error) }, 'A new conversation could not be announced');
    });
  },
});
