import { createLiveDelivery } from '../delivery/live-delivery.js';
import {
  newConversationSubscriber,
  readStateSubscriber,
} from '../features/conversations/conversation.subscriber.js';
import { groupSubscriber } from '../features/groups/group.subscriber.js';
import { presenceSubscriber } from '../features/presence/presence.subscriber.js';
import { typingSubscriber } from '../features/typing/typing.subscriber.js';
import type { Doors } from './doors.js';
import type { Base } from './base.js';
import type { Services } from './services.js';

/** All subscribers that are notified of a stored entry, in this order. */
export function subscribeAll(
  { log, storedEntries, transport, clock }: Base,
  services: Services,
  { lobby }: Doors,
): void {
  const { conversations, groupAnnouncements, people, presence, typings } = services;
  const liveDelivery = createLiveDelivery({
    emit: transport.emit,
    audienceOf: conversations.audienceOf,
    people: (ids) => people.find(ids),
    clock,
    log,
  });
  storedEntries.subscribe(liveDelivery, lobby, readStateSubscriber(conversations), typingSubscriber(typings));
  // Those that have to know whom the entry reached, once it did.
  liveDelivery.subscribe(
    presenceSubscriber(presence),
    newConversationSubscriber(conversations, log),
    groupSubscriber(groupAnnouncements),
  );
}
