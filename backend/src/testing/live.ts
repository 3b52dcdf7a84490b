import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Message } from '@sori/contract';
import { io as connectTo, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { notFound } from '../core/errors.js';
import { presenceAnswers } from '../features/presence/presence.socket.js';
import { createPresence } from '../features/presence/presence.service.js';
import { createLimits, type LimitSettings } from '../limits/limits.js';
import { createTurns, heavyTurns } from '../limits/turns.js';
import type { DoorDeps } from '../realtime/door.js';
import type { Answers } from '../realtime/answers.js';
import type { HandshakeDeps } from '../realtime/handshake.js';
import type { HeadsOf } from '../realtime/heads-reader.js';
import type { Session } from '../realtime/server.js';
import { createSocketServer, type SocketServer, type SocketServerOptions } from '../realtime/server.js';
import { createPendingConnections } from '../realtime/pending-connections.js';
import { attachSockets, peopleWatchAnswers } from '../realtime/sockets.js';
import { createEmitter, createEmitToSockets } from '../realtime/emitter.js';
import { noLimits } from './accounts-app.js';
import { createFakeClock, type FakeClock } from './fake-clock.js';
import { refuseUnlisted } from './unlisted.js';

const id = (digit: string): string => digit.repeat(24);
export const alice = id('a');
export const bob = id('b');
export const carol = id('c');
export const dave = id('d');

/** What one client received, in order; waiting for a notice also finds one that came earlier and was not asked for yet. */
export interface Client {
  socket: Socket;
  next(name: string): Promise<unknown>;
  /** Everything of this name that was not asked for by `next`. */
  all(name: string): unknown[];
  ask(name: string, ...args: unknown[]): Promise<Record<string, unknown>>;
  /** Resolved once everything that the server had sent this client before has arrived. */
  settled(): Promise<void>;
  gone(): Promise<string>;
}

export function listen(socket: Socket): Client {
  const received: { name: string; notice: unknown }[] = [];
  const waiting: { name: string; resolve: (notice: unknown) => void }[] = [];
  let reason: string | undefined;
  socket.on('disconnect', (why) => (reason = why));
  socket.onAny((name: string, notice: unknown) => {
    const index = waiting.findIndex((one) => one.name === name);
    const [waiter] = index < 0 ? [] : waiting.splice(index, 1);
    if (waiter) waiter.resolve(notice);
    else received.push({ name, notice });
  });
  const client: Client = {
    socket,
    next(name) {
      const index = received.findIndex((one) => one.name === name);
      const [found] = index < 0 ? [] : received.splice(index, 1);
      if (found) return Promise.resolve(found.notice);
      return new Promise((resolve) => waiting.push({ name, resolve }));
    },
    all: (name) => received.filter((one) => one.name === name).map(({ notice }) => notice),
    ask: (name, ...args) =>
      new Promise((resolve) =>
        socket.emit(name, ...args, (reply: Record<string, unknown>) => {
          resolve(reply);
        }),
      ),
    async settled() {
      // Answers and notices travel over one connection: what was emitted before this answer is here with it.
      await client.ask('no such event');
    },
    gone: () =>
      reason === undefined
        ? new Promise((resolve) => socket.once('disconnect', resolve))
        : Promise.resolve(reason),
  };
  return client;
}

export interface LiveOptions extends SocketServerOptions {
  answers?: Partial<Answers>;
  tutorialClients?: boolean;
  authenticate?: (token: string) => Promise<Session | null>;
  contactsOf?: (userId: string) => Promise<Iterable<string>>;
  blockedBy?: (userId: string) => Promise<Iterable<string>>;
  headsOf?: HeadsOf;
  countConnect?: HandshakeDeps['countConnect'];
  countConnectOf?: HandshakeDeps['countConnectOf'];
  mostSockets?: number;
  /** By the person. Off unless named. */
  limits?: Partial<LimitSettings>;
  eventLimit?: Partial<DoorDeps['eventLimit']>;
  originAllowed?: (request: IncomingMessage) => boolean;
  /** Packets in ten seconds; 0 is no bound. */
  mostPackets10s?: number;
  mostPending?: number;
  onSlowReader?: () => void;
}

export type Live = Awaited<ReturnType<typeof startLive>>;

/** The real socket server on loopback, with a clock that stands still and people who need no password. */
export async function startLive(options: LiveOptions = {}) {
  const clock = createFakeClock();
  const bugs: unknown[] = [];
  const report = (bug: unknown): void => void bugs.push(bug);
  const sessions = new Map<string, Session>();
  const contacts = new Map<string, Set<string>>();
  const clients: Socket[] = [];

  const http = createServer((_request, response) => response.writeHead(404).end());
  const io = createSocketServer(http, options);
  const emit = createEmitter(io, { clock, report });
  const presence = createPresence({
    circleOf: async (userId) => ({
      people: (await options.contactsOf?.(userId)) ?? contacts.get(userId) ?? [],
      groups: [],
    }),
    blockedBy: options.blockedBy ?? (() => Promise.resolve([])),
    emit,
    emitToSockets: createEmitToSockets(io, { clock, report }),
    clock,
    report,
  });
  const sockets = attachLive({ io, options, sessions, presence, clock, report });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  /** A client that is not connected yet, or never will be. */
  function open(how: Partial<ManagerOptions & SocketOptions> = {}): Client {
    const socket = connectTo(url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      ...how,
    });
    clients.push(socket);
    return listen(socket);
  }

  return {
    io,
    url,
    port,
    clock,
    bugs,
    emit,
    presence,
    sockets,
    open,

    /** A new session of this person; gives its token. */
    signIn(userId: string, ttlMs = 86_400_000): string {
      const token = `token-${sessions.size}`;
      const expiresAt = new Date(clock.now() + ttlMs);
      sessions.set(token, { userId, sessionId: `session-of-${token}`, expiresAt });
      return token;
    },
    signOut(token: string): void {
      const session = sessions.get(token);
      sessions.delete(token);
      if (session) emit.endSession(session.sessionId, 'logout');
    },
    knowEachOther(...userIds: string[]): void {
      for (const one of userIds) contacts.set(one, new Set([...(contacts.get(one) ?? []), ...userIds]));
    },

    /** A tab that speaks Sori, connected, its heads received. `who` is a person (who signs in) or a token. */
    async sori(who: string, how: Partial<ManagerOptions & SocketOptions> = {}): Promise<Client> {
      const token = who.startsWith('token-') ? who : this.signIn(who);
      const client = open({ auth: { token, protocol: 1 }, ...how });
      await client.next('heads');
      return client;
    },
    /** The tutorial's own client: a cookie, and a claim in the query. */
    async tutorial(userId: string, how: Partial<ManagerOptions & SocketOptions> = {}): Promise<Client> {
      const client = open({
        query: { userId },
        extraHeaders: { cookie: `jwt=${this.signIn(userId)}` },
        ...how,
      });
      await new Promise<void>((resolve, reject) => {
        client.socket.once('connect', resolve);
        client.socket.once('connect_error', reject);
      });
      return client;
    },

    async close(): Promise<void> {
      for (const socket of clients) socket.disconnect();
      presence.close();
      const closing = sockets.closeSockets();
      clock.advance(4_000);
      await closing;
      await io.close();
      refuseUnlisted(bugs);
    },
  };
}

/** The rules of the server: what no test names lets everybody in and finds nothing. */
function attachLive({
  io,
  options,
  sessions,
  presence,
  clock,
  report,
}: {
  io: SocketServer;
  options: LiveOptions;
  sessions: ReadonlyMap<string, Session>;
  presence: ReturnType<typeof createPresence>;
  clock: FakeClock;
  report: (bug: unknown) => void;
}) {
  const nothingThere = () => Promise.reject(notFound());
  return attachSockets(io, {
    originAllowed: options.originAllowed ?? (() => true),
    countConnect: options.countConnect ?? (() => Promise.resolve()),
    countConnectOf: options.countConnectOf ?? (() => Promise.resolve()),
    ...(options.mostSockets !== undefined && { mostSockets: options.mostSockets }),
    authenticate: options.authenticate ?? ((token) => Promise.resolve(sessions.get(token) ?? null)),
    tutorialClients: options.tutorialClients ?? true,
    pending: createPendingConnections(() => 'loopback', options.mostPending),
    mostPackets10s: options.mostPackets10s ?? 0,
    answers: {
      'message:send': nothingThere,
      'message:edit': nothingThere,
      'message:delete': nothingThere,
      'message:react': nothingThere,
      'message:pin': nothingThere,
      'entries:after': nothingThere,
      'read:set': nothingThere,
      'delivered:set': nothingThere,
      'typing:set': nothingThere,
      ...presenceAnswers(presence),
      ...peopleWatchAnswers(io),
      ...options.answers,
    },
    personLimits: createLimits({ ...noLimits, ...options.limits }),
    turns: createTurns(heavyTurns),
    eventLimit: { take: () => Promise.resolve(), forget: () => Promise.resolve(), ...options.eventLimit },
    presence,
    severalServers: false,
    headsOf:
      options.headsOf ??
      ((userIds) => Promise.resolve(new Map(userIds.map((id) => [id, { epoch: 'first', heads: [] }])))),
    clock,
    report,
    onSlowReader: options.onSlowReader,
  });
}

/** What a refused client was answered. */
export const refusal = (client: Client): Promise<unknown> =>
  new Promise((resolve, reject) => {
    client.socket.once('connect', () => reject(new Error('was let in')));
    client.socket.once('connect_error', (error: Error & { data?: unknown }) => resolve(error.data));
  });

export const message = (from: string, seq: number, text = 'hello'): Message => ({
  _id: seq.toString(16).padStart(24, '0'),
  conversationId: id('e'),
  seq,
  senderId: from,
  message: text,
  createdAt: '2025-01-01T00:00:00.000Z',
  updatedAt: '2025-01-01T00:00:00.000Z',
  attachments: [],
  reactions: [],
});
