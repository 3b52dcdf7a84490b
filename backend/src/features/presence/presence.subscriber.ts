import { isMembership } from '../../conversation-log/membership.js';
import type { DeliverySubscriber } from '../../conversation-log/stored-entries.js';
import type { Presence } from './presence.service.js';

/** Who comes to share a conversation receives the other's presence, and who leaves a group does no longer. */
export const presenceSubscriber = (
  presence: Pick<Presence, 'sharesConversation' | 'joinedGroup' | 'leftGroup'>,
): DeliverySubscriber => ({
  name: 'presence',
  delivered(entry, { conversationId, kind, participants }) {
    if (entry.kind === 'member') {
      const userIds = entry.userIds.map((id) => id.toHexString());
      if (entry.change === 'left' || entry.change === 'removed') presence.leftGroup(conversationId, userIds);
      else if (entry.change !== 'role') presence.joinedGroup(conversationId, userIds);
    } else if (kind === 'direct' && !isMembership(entry)) {
      // With each entry: the first may have been stored by another server and not heard of here. Twice is once.
      const [a, b] = participants;
      if (a !== undefined && b !== undefined) presence.sharesConversation(a, b);
    }
  },
});
