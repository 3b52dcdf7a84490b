import { createLiveDelivery } from '../delivery/live-delivery.js';
import {
  newConversationSubscriber,
  readStateSubscriber,
} from '../features/conversations/conversation.subscriber.js';
import { fileSubscriber } from '../features/files/file.subscriber.js';
import { groupSubscriber } from '../features/groups/group.subscriber.js';
import { presenceSubscriber } from '../features/presence/presence.subscriber.js';
import { typingSubscriber } from '../features/typing/typing.subscriber.js';
import type { Doors } from './doors.js';
import type { Base } from './base.js';
import { subscribeServers } from './server-subscribers.js';
import type { Services } from './services.js';

/** All subscribers that are notified of a stored entry, in this order. @returns stops what asks the database by itself */
export function subscribeAll(base: Base, services: Services, { lobby, sockets }: Doors): () => void {
  const { log, storedEntries, relay, clock } = base;
  const { conversations, files, groupAnnouncements, people, presence, typings } = services;
  const liveDelivery = createLiveDelivery({
    emit: relay.emitHere,
    audienceOf: conversations.audienceOf,
    people: (ids) => people.find(ids),
    clock,
    log,
  });
  // First, so that who is connected elsewhere waits for nobody here.
  const leaveOthers = subscribeServers(base, services, sockets);
  storedEntries.subscribe(liveDelivery, lobby, typingSubscriber(typings));
  storedEntries.subscribeToOwn(readStateSubscriber(conversations), fileSubscriber(files, base.report));
  // Those that have to know whom the entry reached, once it did.
  liveDelivery.subscribe(
    presenceSubscriber(presence),
    newConversationSubscriber(conversations, log),
    groupSubscriber(groupAnnouncements),
  );
  return leaveOthers;
}
