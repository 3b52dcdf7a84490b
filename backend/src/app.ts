import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Request, RequestHandler } from 'express';
import type { Config } from './config.js';
import type { Caller } from './core/caller.js';
import { AppError, toAppError } from './core/errors.js';
import type { Store } from './database/connect.js';
import type { Database } from './database/embedded/launch.js';
import { createReadiness } from './database/readiness.js';
import { makeIndexes, logIndexBuilds } from './database/upkeep.js';
import { projectRoot } from './database/paths.js';
import { adminRoutes } from './features/admin/admin.routes.js';
import { createAdmin } from './features/admin/admin.service.js';
import { accountRoutes } from './features/accounts/account.routes.js';
import { createAccounts } from './features/accounts/account.service.js';
import type { Passwords } from './features/accounts/passwords.js';
import { blockRoutes } from './features/blocks/block.routes.js';
import { createBlocks } from './features/blocks/block.service.js';
import { bootstrapRoutes } from './features/bootstrap/bootstrap.routes.js';
import { createBootstrap } from './features/bootstrap/bootstrap.service.js';
import { createGroupNews } from './features/groups/group-news.js';
import { groupRoutes } from './features/groups/group.routes.js';
import { createGroups } from './features/groups/group.service.js';
import { createNewcomers } from './features/groups/newcomers.js';
import { createMentions } from './features/messages/mentions.js';
import { conversationRoutes } from './features/conversations/conversation.routes.js';
import { createConversations } from './features/conversations/conversation.service.js';
import { conversationAnswers } from './features/conversations/conversation.socket.js';
import { formerMemberIndexes, membersOn } from './features/members/members.model.js';
import { changeHash } from './features/messages/payload-hash.js';
import { messageRoutes } from './features/messages/message.routes.js';
import { createMessages } from './features/messages/message.service.js';
import { messageAnswers } from './features/messages/message.socket.js';
import { createModeration } from './features/messages/moderation.js';
import { createLiveDelivery } from './features/messages/live-delivery.js';
import { peopleRoutes } from './features/people/people.routes.js';
import { createPeople, toPerson } from './features/people/people.service.js';
import { searchKeysOf } from './features/people/search-keys.js';
import { createPresence } from './features/presence/presence.service.js';
import { presenceAnswers } from './features/presence/presence.socket.js';
import { reportRoutes } from './features/reports/report.routes.js';
import { createReports } from './features/reports/report.service.js';
import { attachOpen } from './features/lobby/lobby.socket.js';
import { guestsMay, roomRoutes } from './features/rooms/room.routes.js';
import { createRooms } from './features/rooms/room.service.js';
import { settingsRoutes } from './features/settings/settings.routes.js';
import { createSettings } from './features/settings/settings.service.js';
import { createTypings } from './features/typing/typing.service.js';
import { typingAnswers } from './features/typing/typing.socket.js';
import { createAdmission } from './http/admission.js';
import { addressOf } from './http/address.js';
import { answerBroken } from './http/broken.js';
import { endMiddleware, createMiddleware } from './http/middleware.js';
import { guardHosts, hostAllowed } from './http/hosts.js';
import { originAllowed } from './http/origin.js';
import { countFrom } from './http/count-from.js';
import { servePage } from './http/page.js';
import { countLost, requireCaller, requireVisitor, visitorOf } from './http/require-caller.js';
import { countAdds } from './limits/count-adds.js';
import type { CountIn } from './limits/limit.js';
import { createLimits } from './limits/limits.js';
import { createTurns, heavyTurns } from './limits/turns.js';
import type { Logger } from './logger.js';
import type { EntryRow, MessageRow } from './conversation-log/entries.model.js';
import { createConversationLog } from './conversation-log/conversation-log.js';
import type { Answers } from './realtime/answers.js';
import { systemClock } from './realtime/clock.js';
import { createPendingConnections } from './realtime/pending-connections.js';
import { createSocketServer } from './realtime/server.js';
import { attachSockets, peopleWatchAnswers } from './realtime/sockets.js';
import { createEmitter, createEmitToSockets } from './realtime/emitter.js';
import { createWhereabouts, placeOfSocket } from './realtime/whereabouts.js';

export interface AppDeps {
  config: Config;
  log: Logger;
  store: Store;
  database: Pick<Database, 'childPid'>;
  /** Where limits are counted. Default: in memory. */
  countIn?: CountIn | undefined;
  /** What hashes passwords. Default: as slowly as is usual. */
  passwords?: Passwords | undefined;
}

export interface App {
  /** REST, sockets and the page on one server, not listening yet. */
  httpServer: Server;
  /** Takes nothing new, stores all that was taken, lets everybody go. Twice is once. */
  close(): Promise<void>;
}

/**
 * How long requests that were on their way when the stop began are still answered (503), in milliseconds. Closing an idle
 * connection breaks the request that its client has just written to it.
 */
const lastRequestsMs = 300;

/**
 * So long a connection may lie idle between two requests, in milliseconds: longer than at the other end, where it is 60 s
 * in nginx and in the balancers of the clouds. Whoever sends just when it is closed here does not know what became of it.
 */
const idleConnectionMs = 65_000;

/**
 * Makes each service once and hands it what it needs: the map of who needs whom. Features do not import each other, so
 * what one wants of another is a function that is passed here.
 */
export async function createApp({ config, log, store, countIn, passwords }: AppDeps): Promise<App> {
  const report = (bug: unknown): void => {
    const { name, message, stack } = bug instanceof Error ? bug : new Error(String(bug));
    log.error({ error: name, reason: message, stack }, 'A bug');
  };
  const limits = createLimits(config.limits, countIn);
  const turns = createTurns(heavyTurns);
  const { trustProxyHops } = config;
  const admission = createAdmission({
    limits,
    turns,
    trustProxyHops,
    whose: (headers) => visitorOf(headers, authenticate),
  });
  const express = createMiddleware({ config, log, admission });
  // What names no host is answered by us, in our form.
  const httpServer = createServer({ requireHostHeader: false, keepAliveTimeout: idleConnectionMs }, express);
  const io = createSocketServer(httpServer);
  const emit = createEmitter(io, { clock: systemClock, report });
  const emitToSockets = createEmitToSockets(io, { clock: systemClock, report });

  const people = createPeople({ store });
  const accounts = createAccounts({
    store,
    config,
    log,
    emit,
    limits,
    toPerson,
    searchKeysOf,
    passwords,
    // A log may be read by others, the terminal of whoever starts the server is their own.
    showAdminCode: (code) => process.stdout.isTTY && process.stdout.write(`Admin code: ${code}\n`),
  });
  const members = membersOn(store.connection);
  const { writeConcern } = store.durability;
  const admin = createAdmin({
    connection: store.connection,
    people: (ids) => people.find(ids),
    find: (userId) => accounts.adminPerson(userId),
    suspend: (userId) => accounts.suspend(userId),
    unsuspend: (userId) => accounts.unsuspend(userId),
    now: Date.now,
  });
  const blocks = createBlocks({
    connection: store.connection,
    writeConcern,
    people: (ids) => people.find(ids),
    personExists: (id) => people.exists(id),
    countChange: (userId) => limits.sendsPerUser.take(userId),
    readBeside: (userId, otherId) => conversations.readBeside(userId, otherId),
    emit,
    now: Date.now,
  });
  const stopLogging = logIndexBuilds(store.reads, log);
  await Promise.all([
    people.prepare(),
    accounts.prepare(),
    makeIndexes(members, formerMemberIndexes),
    blocks.prepare(),
    admin.prepare(),
  ]);
  accounts.onSignUp((person) => emit.toWatchers('people', 'user:created', person));

  // The log tells what it stored, and who hears of it is for the conversations to say, which read the log.
  let publish: (entry: EntryRow, target?: MessageRow) => void = () => undefined;
  let emitToPlainClients: (entry: EntryRow) => void = () => undefined;
  const conversationLog = await createConversationLog({
    store,
    publish: (entry, target) => publish(entry, target),
    log,
    now: Date.now,
  });
  const settings = createSettings({ connection: store.connection, writeConcern });
  const conversations = createConversations({
    log: conversationLog,
    members,
    memberReads: membersOn(store.reads),
    membersUpkeep: membersOn(store.upkeep),
    writeConcern,
    people: (ids) => people.find(ids),
    personExists: (id) => people.exists(id),
    withReceipts: (userIds) => settings.withReceipts(userIds),
    relationsOf: blocks.relationsOf,
    seenBy: (userId) => blocks.seenBy(userId),
    meet: (a, b) => presence.sharesConversation(a, b),
    emit,
    onEmitFailed(error) {
      log.warn({ reason: String(error) }, 'A person could not be told what they changed');
    },
    now: Date.now,
  });
  const onEmitFailed = (error: unknown): void => {
    log.warn({ reason: String(error) }, 'A person could not be told what changed in a group');
  };
  const groupNews = createGroupNews({ emit, emitToOwn: conversations.emitToOwn, onEmitFailed });
  const groups = createGroups({
    log: conversationLog,
    audiences: conversations.audiences,
    writeConcern,
    get: conversations.get,
    people: (ids) => people.find(ids),
    peopleAmong: (ids, search) => people.among(ids, search),
    countChange: (userId) => limits.sendsPerUser.take(userId),
    countAdds: countAdds(limits),
    countReturn: (userId, conversationId) => limits.addsPerPair.take(userId, [conversationId]),
    newcomers: createNewcomers({
      members,
      roomCounts: (userIds) => rooms.roomCounts(userIds),
      relationsOf: blocks.relationsOf,
    }),
    hashOf: (conversationId, content) => changeHash(conversationLog.payloadKey, conversationId, content),
    changed: (group) => groupNews.changed(group),
    now: Date.now,
  });
  const typings = createTypings({
    participantsFor: conversations.participantsFor,
    relationsOf: blocks.relationsOf,
    shows: (userId) => settings.showsTyping(userId),
    emit,
    now: () => performance.now(),
  });
  const presence = createPresence({
    circleOf: (userId) => conversations.circleOf(userId),
    blockedBy: async (userId) => (await blocks.relationsOf(userId)).blocks,
    emit,
    emitToSockets,
    clock: systemClock,
    report,
  });
  blocks.onChange((userId, otherId, blocked) => presence.blockChanged(userId, otherId, blocked));
  const emitEntry = createLiveDelivery({
    emit,
    audienceOf: conversations.audienceOf,
    begun(audience) {
      // Being in a room together is not knowing each other, and whoever opens one is told by that.
      if (audience.kind === 'room') return;
      const [a, b] = audience.participants;
      if (a !== undefined && b !== undefined) presence.sharesConversation(a, b);
      conversations.emitNew(audience).catch((error: unknown) => {
        log.warn({ reason: String(error) }, 'A new conversation could not be announced');
      });
    },
    membership(entry, audience) {
      groupNews.membership(entry, audience);
      if (entry.kind !== 'member') return;
      const userIds = entry.userIds.map((id) => id.toHexString());
      const { conversationId } = audience;
      if (entry.change === 'left' || entry.change === 'removed') presence.leftGroup(conversationId, userIds);
      else if (entry.change !== 'role') presence.joinedGroup(conversationId, userIds);
    },
    clock: systemClock,
    log,
  });
  publish = (entry, target) => {
    emitEntry(entry, target);
    emitToPlainClients(entry);
    if (entry.kind !== 'message') return;
    const { conversationId, senderId, seq } = entry;
    const wrote = { conversationId: conversationId.toHexString(), senderId: senderId.toHexString(), seq };
    conversations.wrote(wrote);
    typings.wrote(wrote);
  };
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
    changed: ({ _id, participants }) =>
      groupNews.changed({
        conversationId: _id.toHexString(),
        participants: participants.map((id) => id.toHexString()),
      }),
    requirePlace: groups.requirePlace,
    limits,
    whereabouts: createWhereabouts(io, config.trustProxyHops),
    emit,
    clock: systemClock,
    report: (error) => void toAppError(error, report),
    sessionTtlSeconds: config.sessionTtlSeconds,
    openLobby: config.openLobby,
  });
  /** An account, or the guest of a room. */
  const authenticate = async (token: string) =>
    (await accounts.authenticate(token)) ?? (await rooms.authenticate(token));
  const messages = createMessages({
    log: conversationLog,
    audienceFor: conversations.audienceFor,
    readable: conversations.readable,
    isOvertaken: conversations.isOvertaken,
    memberOf: conversations.memberOf,
    rightsOf: conversations.rightsOf,
    manages: (audience, userId) => conversations.manages(audience, userId),
    mentionsIn: createMentions({ withUsernames: (names) => people.withUsernames(names) }),
    relationsOf: blocks.relationsOf,
    countSend: (userId) => rooms.countSend(userId),
    inRoom: (caller, conversationId, clientId) => rooms.beforeSend(caller, conversationId, clientId),
  });

  const open = attachOpen(io, {
    rooms,
    send: (caller, message) => messages.send(caller, message),
    countConnect: (address) => limits.connectsPerAddress.take(address),
    eventLimit: limits.eventsPerSocket,
    config,
    clock: systemClock,
    report,
  });
  emitToPlainClients = (entry) => open.stored(entry);

  const moderation = createModeration({ log: conversationLog });
  const reports = createReports({
    connection: store.connection,
    writeConcern,
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
    now: Date.now,
  });
  await reports.prepare();
  stopLogging();
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

  let stopping = false;
  const counted = countFrom(limits.sendsPerAddress, config);
  const signedIn = requireCaller(accounts.authenticate);
  express.use((_request, response, next) => {
    // So that clients let go of the connection by themselves: one that is closed under a request gives no answer at all.
    if (stopping) response.setHeader('Connection', 'close');
    next();
  });
  const requireDatabase = createReadiness(store.reads);
  const visitors = { authenticate, seen: (caller: Caller) => rooms.seen(caller) };
  express.get('/healthz', (_request, response) => void response.json({ ok: true }));
  express.get('/readyz', async (_request, response) => {
    if (stopping) throw new AppError('UNAVAILABLE', 'The server is stopping');
    await requireDatabase();
    response.json({ ok: true });
  });
  // Whether the page may show its drawer of tools that break the line (SORI_LAB). Asked by every page, so never a 404.
  express.get('/api/lab', (_request, response) => void response.json({ lab: config.lab }));
  express.use(
    '/api',
    refuseChanges(() => stopping),
  );
  express.use('/api', blockRoutes(blocks, accounts.authenticate, counted));
  express.use('/api/admin', adminRoutes({ admin, accounts, reports }));
  express.use('/api/reports', signedIn, reportRoutes(reports, counted));
  express.use('/api', accountRoutes(accounts, config));
  express.use('/api', peopleRoutes(people, accounts.authenticate));
  express.use('/api/rooms', roomRoutes(rooms, { account: accounts.authenticate, visitors }, config, counted));
  express.use('/api/messages', requireVisitor(visitors, guestsMay.messages), messageRoutes(messages));
  express.use(
    '/api/conversations',
    requireVisitor(visitors, guestsMay.conversations),
    groupRoutes(groups, counted),
    conversationRoutes(conversations),
  );
  express.use('/api/me/settings', signedIn, settingsRoutes(settings));
  express.use('/api/bootstrap', signedIn, bootstrapRoutes(bootstrap));
  express.use('/api', countLost(authenticate));
  endMiddleware(express, { log, page: servePage(join(projectRoot(), 'frontend/dist')) });

  const answers: Answers = {
    ...messageAnswers(messages),
    ...conversationAnswers(conversations),
    ...typingAnswers(typings),
    ...presenceAnswers(presence),
    ...peopleWatchAnswers(io),
  };
  const sockets = attachSockets(io, {
    originAllowed: (request) => originAllowed(request, config),
    pending: createPendingConnections((request) => addressOf(request, config.trustProxyHops)),
    // Being told so twenty times over, a client does not stop by itself.
    mostPackets10s: 20 * config.limits.eventsPerSocket10s,
    hostAllowed: (request) => hostAllowed(request, config),
    countConnect: (socket) =>
      limits.connectsPerAddress.take(placeOfSocket(socket, config.trustProxyHops).address),
    countConnectOf: (userId) => limits.connectsPerUser.take(userId),
    // Who takes as many requests as come takes as many sockets.
    ...(config.limits.requestsPerUser10s === 0 && { mostSockets: 0 }),
    authenticate,
    tutorialClients: config.tutorialClients,
    answers,
    eventLimit: limits.eventsPerSocket,
    personLimits: limits,
    turns,
    presence: {
      async connected(socket) {
        const { socketId, guest, speaksSori } = socket;
        // A guest is online for nobody, and nobody for a guest: who is in the room is told as such.
        await Promise.all([
          rooms.connected(socketId, socket),
          guest ? undefined : presence.connected(socket),
        ]);
        if (guest && speaksSori) emitToSockets([socketId], 'getOnlineUsers', []);
      },
      disconnected(socketId) {
        presence.disconnected(socketId);
        rooms.disconnected(socketId);
      },
    },
    headsOf: conversations.headsOf,
    clock: systemClock,
    report,
    onSlowReader: () => log.info('A reader was too slow and lost its connection'),
  });

  answerBroken(httpServer);
  guardHosts(httpServer, config, express);

  let closing: Promise<void> | undefined;
  /** What was taken is stored before anybody is sent away. */
  async function close(): Promise<void> {
    stopping = true;
    const lastRequests = delay(lastRequestsMs);
    sockets.refuseNew();
    await conversationLog.close();
    await sockets.closeSockets();
    presence.close();
    await open.close();
    await rooms.close();
    await lastRequests;
    await closeServer(httpServer);
    await accounts.close();
  }
  return { httpServer, close: () => (closing ??= close()) };
}

/** While the server stops, what would change something comes again elsewhere or later. */
const refuseChanges =
  (stopping: () => boolean): RequestHandler =>
  ({ method }: Request, _response, next) => {
    if (method !== 'GET' && method !== 'HEAD' && stopping()) {
      throw new AppError('UNAVAILABLE', 'The server is restarting. Please try again in a moment');
    }
    next();
  };

/** Every answer that is under way may end: none takes longer than 3 s. Connections go as soon as they are idle. */
async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), 3_000);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
