import { toAppError } from '../core/errors.js';
import { clientIdOf } from '../features/files/claims.js';
import type { RemovalMarks } from '../features/files/removal-marks.js';
import { createBootstrap } from '../features/bootstrap/bootstrap.service.js';
import { createMentions } from '../features/messages/mentions.js';
import { createMessages } from '../features/messages/message.service.js';
import { createModeration } from '../features/messages/moderation.js';
import { createReports } from '../features/reports/report.service.js';
import { createRooms } from '../features/rooms/room.service.js';
import { channels } from '../servers/publications.js';
import type { Base } from './base.js';
import type { ConversationServices } from './conversation-services.js';
import type { FileServices } from './file-services.js';
import type { PeopleServices } from './people-services.js';

export type Rooms = Awaited<ReturnType<typeof createRoomServices>>['rooms'];

/** Open rooms, and who may come in. */
export async function createRoomServices(
  { config, store, limits, relay, transport, clock, report }: Base,
  { people, accounts, admin }: PeopleServices,
  { conversationLog, conversations, groupAnnouncements, groups }: ConversationServices,
) {
  const rooms = await createRooms({
    connection: store.connection,
    reads: store.reads,
    upkeep: store.upkeep,
    log: conversationLog,
    conversations,
    people: (ids) => people.find(ids),
    isAdmin: accounts.isAdmin,
    recordRemoval: (caller, { _id, ownerId }) =>
      admin.record(caller, { action: 'deleteRoom', userId: ownerId, once: `deleteRoom ${_id}` }),
    async changed({ _id }) {
      const audience = await conversations.audienceOf(_id.toHexString());
      if (audience) groupAnnouncements.changed(audience);
    },
    requirePlace: groups.requirePlace,
    limits,
    whereabouts: transport.whereabouts,
    emit: relay.emit,
    emitHere: relay.emitHere,
    others: othersOf(relay),
    hearsOthers: relay.subscriptions && relay.link.isUp,
    // One that was killed is, when it is started again, the one that has its people.
    serverId: relay.subscriptions ? config.serverId : 'only',
    clock,
    report: (error) => void toAppError(error, report),
    sessionTtlSeconds: config.sessionTtlSeconds,
    openLobby: config.openLobby,
  });
  /** An account, or the guest of a room. */
  const authenticate = async (token: string) =>
    (await accounts.authenticate(token)) ?? (await rooms.authenticate(token));
  return { rooms, authenticate };
}

/** Whoever has somebody of that room connected hears of it. */
const othersOf = ({ link }: Base['relay']): Parameters<typeof createRooms>[0]['others'] => ({
  evicted: (conversationId, userId) =>
    link.publish(channels.conversation(conversationId), 'evicted', { conversationId, userId }),
  // Wherever a socket of that account's is, or was lately.
  banned: (conversationId, userId, by) =>
    link.publish(channels.servers, 'banned', { conversationId, userId, by }),
  cleared: (conversationId, addresses) =>
    link.publish(channels.conversation(conversationId), 'cleared', { conversationId, addresses }),
});

interface MessageNeeds extends FileServices {
  rooms: Rooms;
  removalMarks: RemovalMarks;
}

export type MessageServices = ReturnType<typeof createMessageServices>;

/** What people write, and what becomes of it. */
export function createMessageServices(
  { store, limits, clock }: Base,
  { people, accounts, admin, blocks, settings }: PeopleServices,
  { conversationLog, conversations }: ConversationServices,
  { rooms, files, findMessage, removalMarks }: MessageNeeds,
) {
  const expectRemoval: RemovalMarks['expectRemoval'] = (message) => removalMarks.expectRemoval(message);
  const messages = createMessages({
    log: conversationLog,
    audienceFor: conversations.audienceFor,
    readable: conversations.readable,
    isOvertaken: conversations.isOvertaken,
    messages: findMessage,
    files: { ...files.claims, expectRemoval, clientIdOf },
    rightsOf: conversations.rightsOf,
    manages: (audience, userId) => conversations.manages(audience, userId),
    mentionsIn: createMentions({ withUsernames: (names) => people.withUsernames(names) }),
    relationsOf: blocks.relationsOf,
    countSend: (userId) => rooms.countSend(userId),
    inRoom: (caller, send) => rooms.beforeSend(caller, send),
  });
  const moderation = createModeration({ log: conversationLog, files: { expectRemoval } });
  const reports = createReports({
    connection: store.connection,
    messageFor: (caller, messageId) => messages.find(caller, messageId),
    messages: (ids) => moderation.byIds(ids),
    people: (ids) => people.find(ids),
    adminPeople: (ids) => accounts.adminPeople(ids),
    removeMessage: (messageId) => moderation.remove(messageId),
    suspend: (userId) => accounts.suspend(userId),
    record: admin.record,
    async count(userId) {
      await limits.sendsPerUser.take(userId);
      await limits.reportsPerUser.take(userId);
    },
    now: () => clock.now(),
  });
  const bootstrap = createBootstrap({
    me: (caller) => accounts.me(caller),
    settings: (userId) => settings.get(userId),
    blocks: (caller) => blocks.list(caller),
    isAdmin: accounts.isAdmin,
    conversations: (caller, query) => conversations.list(caller, query),
    changedSince: (userId, since, most) => conversations.changedSince(userId, since, most),
    now: () => store.now(),
    people: (ids) => people.find(ids),
  });
  return { messages, reports, bootstrap };
}
