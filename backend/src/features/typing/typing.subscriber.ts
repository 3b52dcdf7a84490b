import type { Subscriber } from '../../conversation-log/stored-entries.js';
import type { Typings } from './typing.service.js';

/** Whoever has sent what they were writing may be shown as writing anew at once. */
export const typingSubscriber = ({ wrote }: Pick<Typings, 'wrote'>): Subscriber => ({
  name: 'typing',
  stored({ kind, conversationId, senderId }) {
    if (kind === 'message')
      wrote({ conversationId: conversationId.toHexString(), senderId: senderId.toHexString() });
  },
});
