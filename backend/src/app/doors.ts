import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { AppError } from '../core/errors.js';
import { projectRoot } from '../database/paths.js';
import { createReadiness } from '../database/readiness.js';
import { accountRoutes } from '../features/accounts/account.routes.js';
import { adminRoutes } from '../features/admin/admin.routes.js';
import { blockRoutes } from '../features/blocks/block.routes.js';
import { bootstrapRoutes } from '../features/bootstrap/bootstrap.routes.js';
import { conversationRoutes } from '../features/conversations/conversation.routes.js';
import { conversationAnswers } from '../features/conversations/conversation.socket.js';
import { fileRoutes } from '../features/files/file.routes.js';
import { sharedRoutes } from '../features/files/shared.routes.js';
import { requireTus, tellTus } from '../features/files/tus-protocol.js';
import { uploadRoutes } from '../features/files/upload.routes.js';
import { groupRoutes } from '../features/groups/group.routes.js';
import { attachLobby } from '../features/lobby/lobby.socket.js';
import { messageRoutes } from '../features/messages/message.routes.js';
import { messageAnswers } from '../features/messages/message.socket.js';
import { pictureRoutes } from '../features/pictures/picture.routes.js';
import { peopleRoutes } from '../features/people/people.routes.js';
import { presenceAnswers } from '../features/presence/presence.socket.js';
import { reportRoutes } from '../features/reports/report.routes.js';
import { roomRoutes } from '../features/rooms/room.routes.js';
import { settingsRoutes } from '../features/settings/settings.routes.js';
import { typingAnswers } from '../features/typing/typing.socket.js';
import { addressOf } from '../http/address.js';
import { createAdmission } from '../http/admission.js';
import { answerBroken } from '../http/broken.js';
import { countFrom } from '../http/count-from.js';
import { guardHosts, hostAllowed } from '../http/hosts.js';
import { nameRequests } from '../http/request-id.js';
import { endMiddleware, useMiddleware } from '../http/middleware.js';
import { originAllowed } from '../http/origin.js';
import { servePage } from '../http/page.js';
import { countLost, createAskers, visitorOf } from '../http/callers.js';
import { type Guards, mountRoutes, type RouteHandlers } from '../http/routes.js';
import { serverRoutes } from '../http/server.routes.js';
import { createTurns, heavyTurns, type Turns } from '../limits/turns.js';
import type { Answers } from '../realtime/answers.js';
import { createPendingConnections } from '../realtime/pending-connections.js';
import { attachSockets, peopleWatchAnswers } from '../realtime/sockets.js';
import { placeOfSocket } from '../realtime/whereabouts.js';
import type { Base } from './base.js';
import { relayLobby } from './room-relay.js';
import type { Services } from './services.js';

export type Doors = ReturnType<typeof openDoors>;

/** REST, sockets, the lobby and the page: each parses, asks a service and answers. */
export function openDoors(base: Base, services: Services, isStopping: () => boolean) {
  const turns = createTurns(heavyTurns);
  const { httpServer, express } = base.transport;
  useRest(base, services, turns, isStopping);
  const lobby = useLobby(base, services);
  const sockets = useSockets(base, services, turns);
  answerBroken(httpServer);
  guardHosts(httpServer, base.config, express);
  nameRequests(httpServer);
  return { lobby, sockets };
}

function useRest(base: Base, services: Services, turns: Turns, isStopping: () => boolean): void {
  const { config, log, store, limits, metrics, transport } = base;
  const { accounts, rooms, authenticate } = services;
  const { express } = transport;
  const admission = createAdmission({
    limits,
    turns,
    trustProxyHops: config.trustProxyHops,
    whose: (headers) => visitorOf(headers, authenticate),
  });
  express.use('/api/uploads', tellTus(services.fileDoors.mostBytes));
  useMiddleware(express, { config, log, admission, answered: metrics.answered });
  express.use((_request, response, next) => {
    // So that clients let go of the connection by themselves: one that is closed under a request gives no answer at all.
    if (isStopping()) response.setHeader('Connection', 'close');
    next();
  });
  express.use('/api', refuseChanges(isStopping));
  express.use('/api/uploads', requireTus);
  const guards: Guards = {
    account: accounts.authenticate,
    visitor: authenticate,
    seen: (caller) => rooms.seen(caller),
    isAdmin: accounts.isAdmin,
    countEmits: countFrom(limits.sendsPerAddress, config),
    report: base.report,
  };
  const missing = (): 'redis'[] => (base.redis && !base.redis.isUp() ? ['redis'] : []);
  const handlers: RouteHandlers = {
    ...serverRoutes({ isStopping, requireDatabase: createReadiness(store.reads), missing, metrics, config }),
    ...accountRoutes(accounts, config),
    ...peopleRoutes(services.people),
    ...pictureRoutes(services.pictures),
    ...blockRoutes(services.blocks),
    ...reportRoutes(services.reports),
    ...adminRoutes(services),
    ...settingsRoutes(services.settings),
    ...bootstrapRoutes(services.bootstrap),
    ...messageRoutes(services.messages, () => metrics.sent('rest')),
    ...conversationRoutes(services.conversations),
    ...sharedRoutes(services.files),
    ...groupRoutes(services.groups),
    ...roomRoutes(rooms, config),
    ...fileRoutes(services.fileDoors),
    ...uploadRoutes(services.fileDoors),
  };
  mountRoutes(express, handlers, guards);
  express.use('/api', countLost(createAskers(guards)));
  endMiddleware(express, {
    log,
    page: servePage(join(projectRoot(), 'frontend/dist')),
    refused: metrics.refused,
  });
}

function useLobby(base: Base, { rooms, messages }: Services) {
  const { config, limits, metrics, transport, clock, report } = base;
  const { onOccupancyChange, ...listening } = relayLobby(base, rooms);
  return attachLobby(transport.io, {
    rooms: { ...rooms, onOccupancyChange },
    listening,
    async send(caller, message) {
      await messages.send(caller, message);
      metrics.sent('open');
    },
    countConnect: (address) => limits.connectsPerAddress.take(address),
    eventLimit: limits.eventsPerSocket,
    config,
    clock,
    refused: metrics.refused,
    report,
  });
}

function useSockets(
  { config, log, limits, metrics, relay, transport, clock, report }: Base,
  services: Services,
  turns: Turns,
) {
  const { io, emitToSockets } = transport;
  const { presence, rooms } = services;
  const { subscriptions } = relay;
  const answers: Answers = {
    ...messageAnswers(services.messages, () => metrics.sent('socket')),
    ...conversationAnswers(services.conversations),
    ...typingAnswers(services.typings),
    ...presenceAnswers(presence),
    ...peopleWatchAnswers(io),
  };
  return attachSockets(io, {
    originAllowed: (request) => originAllowed(request, config),
    pending: createPendingConnections((request) => addressOf(request, config.trustProxyHops)),
    // Refused twenty times over, a client does not stop by itself.
    mostPackets10s: 20 * config.limits.eventsPerSocket10s,
    hostAllowed: (request) => hostAllowed(request, config),
    countConnect: (socket) =>
      limits.connectsPerAddress.take(placeOfSocket(socket, config.trustProxyHops).address),
    countConnectOf: (userId) => limits.connectsPerUser.take(userId),
    // Who takes as many requests as come takes as many sockets.
    ...(config.limits.requestsPerUser10s === 0 && { mostSockets: 0 }),
    authenticate: services.authenticate,
    tutorialClients: config.tutorialClients,
    answers,
    eventLimit: limits.eventsPerSocket,
    personLimits: limits,
    turns,
    presence: {
      async connected(socket) {
        const { socketId, userId, guest, speaksSori } = socket;
        const heard = subscriptions?.connected(userId);
        // A guest is online for nobody, and nobody for a guest: a room's occupants are emitted as such.
        await Promise.all([
          rooms.connected(socketId, socket),
          guest ? undefined : presence.connected(socket),
        ]);
        if (guest && speaksSori) emitToSockets([socketId], 'getOnlineUsers', []);
        // Before the socket is told where its conversations end: what is stored elsewhere after that is heard.
        if (guest) subscriptions?.joined(userId, guest.conversationId);
        await heard;
      },
      disconnected(socketId, userId) {
        presence.disconnected(socketId);
        rooms.disconnected(socketId);
        subscriptions?.disconnected(userId);
      },
    },
    headsOf: services.conversations.headsOf,
    severalServers: subscriptions !== undefined,
    clock,
    refused: metrics.refused,
    report,
    onSlowReader() {
      metrics.slowReader();
      log.info('A reader was too slow and lost its connection');
    },
  });
}

/** While the server stops, what would change something comes again elsewhere or later. */
const refuseChanges =
  (isStopping: () => boolean): RequestHandler =>
  ({ method }, _response, next) => {
    if (method !== 'GET' && method !== 'HEAD' && isStopping()) {
      throw new AppError('UNAVAILABLE', 'The server is restarting. Please try again in a moment');
    }
    next();
  };
