import { toAppError } from '../core/errors.js';
import { type ConversationLogDeps, createConversationLog } from '../conversation-log/conversation-log.js';
import {
  type ConversationsDeps,
  createConversations,
} from '../features/conversations/conversation.service.js';
import { createGroupAnnouncements } from '../features/groups/group-announcements.js';
import { createGroups } from '../features/groups/group.service.js';
import { createNewcomers, type Newcomers, type NewcomersDeps } from '../features/groups/newcomers.js';
import { membersOn } from '../features/members/members.model.js';
import { changeHash } from '../features/messages/payload-hash.js';
import type { Blocks } from '../features/blocks/block.service.js';
import { createPresence, type Presence, type PresenceDeps } from '../features/presence/presence.service.js';
import { createTypings } from '../features/typing/typing.service.js';
import { countAdds } from '../limits/count-adds.js';
import { createPresenceRelay } from '../servers/presence-relay.js';
import { channels } from '../servers/publications.js';
import type { Registry } from '../servers/registry.js';
import type { Base } from './base.js';
import type { PeopleServices } from './people-services.js';

export type ConversationServices = Awaited<ReturnType<typeof createConversationServices>>;

/** The log, who is in which conversation, and what people know of each other there. */
export async function createConversationServices(
  base: Base,
  peopleServices: PeopleServices,
  {
    members,
    servers,
    expectFilesGone,
  }: Pick<NewcomersDeps, 'members'> & { servers: Registry } & Pick<ConversationLogDeps, 'expectFilesGone'>,
) {
  const { log, store, storedEntries, clock } = base;
  const { people, blocks, settings } = peopleServices;
  const { emit, emitHere, link } = base.relay;
  const conversationLog = await createConversationLog({
    store,
    storedEntries,
    servers: { ...servers, areHeard: link.isUp },
    appended: base.metrics.appended,
    expectFilesGone,
    log,
    now: () => clock.now(),
  });
  const conversations = createConversations({
    log: conversationLog,
    members,
    memberReads: membersOn(store.reads),
    membersUpkeep: membersOn(store.upkeep),
    people: (ids) => people.find(ids),
    personExists: (id) => people.exists(id),
    withReceipts: (userIds) => settings.withReceipts(userIds),
    relationsOf: blocks.relationsOf,
    seenBy: (userId) => blocks.seenBy(userId),
    meet: (a, b) => presence.sharesConversation(a, b),
    emit,
    emitHere,
    otherServers: roomsOnOthers(link),
    hearsOthers: base.relay.subscriptions && link.isUp,
    onEmitFailed(error) {
      log.warn({ reason: String(error) }, 'A person could not be notified of what they changed');
    },
    now: () => clock.now(),
  });
  const groupAnnouncements = createAnnouncements(base, conversations);
  const groups = createGroupServices(base, peopleServices, {
    conversationLog,
    conversations,
    groupAnnouncements,
    newcomers: createNewcomers({ members, relationsOf: blocks.relationsOf }),
  });
  const typings = createTypings({
    audienceFor: (caller, id) => conversations.memberOf(caller.userId, id),
    relationsOf: blocks.relationsOf,
    shows: (userId) => settings.showsTyping(userId),
    emit,
    now: () => clock.elapsed(),
  });
  const { presence, presenceRelay } = createPresenceServices(base, {
    async circleOf(userId) {
      // Whom they come to know after it was read is heard of, also from other servers.
      await base.relay.subscriptions?.heard(userId);
      return conversations.circleOf(userId);
    },
    blockedBy: async (userId) => (await blocks.relationsOf(userId)).blocks,
  });
  showBlocks(base, blocks, presence);
  return { conversationLog, conversations, groupAnnouncements, groups, typings, presence, presenceRelay };
}

/** Who is blocked, by whichever server, is not shown who blocks them. */
function showBlocks({ relay: { link }, report }: Base, blocks: Blocks, presence: Presence): void {
  blocks.onChange((userId, otherId, blocked) => presence.blockChanged(userId, otherId, blocked));
  link.on('blockChanged', ({ userId, otherId, blocked }) => {
    blocks.changedElsewhere(userId, otherId, blocked);
    presence.blockChanged(userId, otherId, blocked);
  });
  /** Of everybody with a socket here, or of these. */
  async function showAgain(userIds: Iterable<string>): Promise<void> {
    for (const userId of userIds) presence.blocksAre(userId, (await blocks.relationsOf(userId)).blocks);
  }
  blocks.onMissed((between) => {
    showAgain(between ?? presence.connectedHere()).catch((error: unknown) => void toAppError(error, report));
  });
}

/** Who is online: each server notifies its own people of it, and the others of who is connected to it. */
function createPresenceServices(
  { config, relay: { emitHere, link, subscriptions }, transport: { emitToSockets }, clock, report }: Base,
  reads: Pick<PresenceDeps, 'circleOf' | 'blockedBy'>,
) {
  const others = subscriptions && {
    arrived: (userId: string): void => presenceRelay?.arrived(userId),
    left: (userId: string): void => presenceRelay?.left(userId),
  };
  const presence = createPresence({ ...reads, emit: emitHere, emitToSockets, others, clock, report });
  const presenceRelay =
    subscriptions && createPresenceRelay({ serverId: config.serverId, link, clock, presence });
  return { presence, presenceRelay };
}

const roomsOnOthers = (link: Base['relay']['link']): ConversationsDeps['otherServers'] => ({
  roomChanged: (change) => link.publish(channels.conversation(change.conversationId), 'roomMember', change),
  forgetRoom: (conversationId) =>
    link.publish(channels.conversation(conversationId), 'roomForgotten', { conversationId }),
});

/** Each server notifies its own people of what changed in a group. */
function createAnnouncements(
  { log, relay: { emitHere, link } }: Base,
  conversations: ReturnType<typeof createConversations>,
): ReturnType<typeof createGroupAnnouncements> {
  const onEmitFailed = (error: unknown): void =>
    log.warn({ reason: String(error) }, 'A person could not be notified of what changed in a group');
  const announcements = createGroupAnnouncements({
    emitHere,
    emitToOwnHere: conversations.emitToOwnHere,
    onEmitFailed,
  });
  async function changedElsewhere(conversationId: string): Promise<void> {
    const audience = await conversations.audienceOf(conversationId);
    if (audience) announcements.changed(audience);
  }
  link.on('conversationChanged', ({ conversationId }) => {
    changedElsewhere(conversationId).catch(onEmitFailed);
  });
  return {
    ...announcements,
    changed(group) {
      announcements.changed(group);
      const { conversationId } = group;
      link.publish(channels.conversation(conversationId), 'conversationChanged', { conversationId });
    },
  };
}

function createGroupServices(
  { limits, clock }: Base,
  { people }: PeopleServices,
  {
    conversationLog,
    conversations,
    groupAnnouncements,
    newcomers,
  }: {
    conversationLog: Awaited<ReturnType<typeof createConversationLog>>;
    conversations: ReturnType<typeof createConversations>;
    groupAnnouncements: ReturnType<typeof createGroupAnnouncements>;
    newcomers: Newcomers;
  },
) {
  return createGroups({
    log: conversationLog,
    audiences: conversations.audiences,
    get: conversations.get,
    people: (ids) => people.find(ids),
    peopleAmong: (ids, search) => people.among(ids, search),
    countChange: (userId) => limits.sendsPerUser.take(userId),
    countAdds: countAdds(limits),
    countReturn: (userId, conversationId) => limits.addsPerPair.take(userId, [conversationId]),
    newcomers,
    hashOf: (conversationId, content) => changeHash(conversationLog.payloadKey, conversationId, content),
    changed: (group) => groupAnnouncements.changed(group),
    now: () => clock.now(),
  });
}
