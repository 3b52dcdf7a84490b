import fc from 'fast-check';
import { Types, mongo } from 'mongoose';
import { createPresence } from '../features/presence/presence.service.js';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.js';
import { createHeartbeat } from './heartbeat.js';
import { type Handler, type Link, noLink } from './link.js';
import { createPresenceRelay } from './presence-relay.js';
import { channels, decode, encode, type Kind, type Publications } from './publications.js';

const people = Array.from({ length: 4 }, () => new Types.ObjectId().toHexString());
const serverIds = ['first', 'second', 'third'];

interface Socket {
  serverId: string;
  userId: string;
  /** Who is online as this page was told; null before its list. */
  shown: Set<string> | null;
}
type Server = ReturnType<typeof startServer>;

/** So long a server hears of what concerns somebody who has left it, in milliseconds. */
const keptForMs = 10_000;

interface World {
  clock: FakeClock;
  sockets: Map<string, Socket>;
  /** Who has written to whom. */
  pairs: Set<string>;
  /** Who is in the one group that there is. */
  members: Set<string>;
  /** Servers that reach no other. */
  cut: Set<string>;
  /** How long the database takes to answer, in milliseconds; undefined where it does not. */
  answersAfterMs: number | undefined;
  handlers: { serverId: string; kind: Kind; handle: (body: never, channel: string) => void }[];
}

const pairOf = (one: string, other: string): string => [one, other].sort().join(' ');
const wroteTo = ({ pairs }: World, userId: string): string[] =>
  people.filter((one) => one !== userId && pairs.has(pairOf(one, userId)));
const knows = (world: World, userId: string): string[] => {
  const inGroup = (one: string): boolean => world.members.has(one) && world.members.has(userId);
  const pairs = wroteTo(world, userId);
  return people.filter((one) => one !== userId && (pairs.includes(one) || inGroup(one)));
};
const groupId = new Types.ObjectId().toHexString();

/** A link to all others, over which everything comes at once or not at all. */
const linkOf = ({ cut, handlers }: World, serverId: string): Link => ({
  ...noLink,
  isUp: () => !cut.has(serverId),
  publish<K extends Kind>(channel: string, kind: K, body: Publications[K]) {
    if (cut.has(serverId)) return;
    const heard = decode(encode(Buffer.alloc(12), kind, body)).body as never;
    for (const other of handlers) {
      const isFor = channel === channels.servers || channel === channels.server(other.serverId);
      if (isFor && other.serverId !== serverId && other.kind === kind && !cut.has(other.serverId))
        other.handle(heard, channel);
    }
  },
  on: <K extends Kind>(kind: K, handle: Handler<K>) => void handlers.push({ serverId, kind, handle }),
});

function startServer(world: World, serverId: string) {
  const { clock, sockets } = world;
  const link = linkOf(world, serverId);
  const presence = createPresence({
    circleOf: (userId) =>
      new Promise((resolve, reject) => {
        const groups = world.members.has(userId) ? [groupId] : [];
        const answer = { people: wroteTo(world, userId), groups };
        const { answersAfterMs } = world;
        clock.after(answersAfterMs ?? 1_000, () => {
          if (answersAfterMs === undefined) reject(new mongo.MongoNetworkError('away'));
          else resolve(answer);
        });
      }),
    blockedBy: () => Promise.resolve([]),
    emit: {
      toPeople: (userIds, name, notice) => {
        if (name !== 'presence') return;
        const { online, offline } = notice as { online: string[]; offline: string[] };
        for (const socket of sockets.values()) {
          if (socket.serverId !== serverId || ![...userIds].includes(socket.userId)) continue;
          for (const id of online) socket.shown?.add(id);
          for (const id of offline) socket.shown?.delete(id);
        }
      },
    },
    emitToSockets: (socketIds, name, notice) => {
      for (const id of socketIds) {
        const socket = sockets.get(id);
        if (socket && name === 'getOnlineUsers') socket.shown = new Set(notice as string[]);
      }
    },
    others: { arrived: (userId) => relay.arrived(userId), left: (userId) => relay.left(userId) },
    clock,
    report: (bug) => {
      throw bug;
    },
  });
  const relay = createPresenceRelay({ serverId, link, clock, presence });
  const heartbeat = createHeartbeat({
    serverId,
    link,
    number: relay.number,
    peers: () => serverIds,
    gone: relay.gone,
    woke: () => undefined,
    clock,
  });
  return {
    serverId,
    presence,
    close(): void {
      heartbeat.close();
      relay.close();
      presence.close();
    },
  };
}

/** Three servers and four people, as tests change them. */
function createWorld() {
  const world: World = {
    clock: createFakeClock(),
    sockets: new Map(),
    pairs: new Set(),
    members: new Set(),
    cut: new Set(),
    answersAfterMs: 1,
    handlers: [],
  };
  const { clock, sockets, pairs, members, cut } = world;
  const servers = serverIds.map((serverId) => startServer(world, serverId));
  /** What a server that is cut off will find in the database when it is back. */
  const missed = new Map<Server, [string, string][]>(servers.map((server) => [server, []]));
  /** When somebody last left a server. */
  const leftAt = new Map<string, number>();
  let lastSocket = 0;

  const isHeardOf = (userId: string, serverId: string): boolean =>
    clock.elapsed() - (leftAt.get(`${serverId} ${userId}`) ?? -Infinity) < keptForMs ||
    [...sockets.values()].some((socket) => socket.serverId === serverId && socket.userId === userId);

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(Math.min(50, ms - passed));
      await settle();
    }
  }

  return {
    pass,
    async connect(who: number, where: number): Promise<void> {
      const [userId, server] = [people[who] ?? '', servers[where]];
      const socketId = String((lastSocket += 1));
      sockets.set(socketId, { serverId: server?.serverId ?? '', userId, shown: null });
      void server?.presence.connected({ socketId, userId, speaksSori: true });
      await settle();
    },
    async disconnect(which: number): Promise<void> {
      const all = [...sockets];
      const [socketId, socket] = all[which % Math.max(all.length, 1)] ?? [];
      if (socketId === undefined || !socket) return;
      sockets.delete(socketId);
      leftAt.set(`${socket.serverId} ${socket.userId}`, clock.elapsed());
      servers.find(({ serverId }) => serverId === socket.serverId)?.presence.disconnected(socketId);
      await settle();
    },
    /** The first says something to the second on this server, which the servers of the two hear of. */
    async say(one: number, other: number, where: number): Promise<void> {
      const [a, b] = [people[one] ?? '', people[other] ?? ''];
      if (a === b) return;
      pairs.add(pairOf(a, b));
      for (const server of servers) {
        const { serverId, presence } = server;
        if (server === servers[where]) presence.sharesConversation(a, b);
        else if (!isHeardOf(a, serverId) && !isHeardOf(b, serverId)) continue;
        else if (cut.has(serverId) || cut.has(serverIds[where] ?? '')) missed.get(server)?.push([a, b]);
        else presence.sharesConversation(a, b);
      }
      await settle();
    },
    /**
     * Somebody comes into the group or leaves it. What the servers of the others miss of that is lost to them, since much may
     * have been written after it.
     */
    async enterOrLeave(who: number, where: number): Promise<void> {
      const userId = people[who] ?? '';
      const comes = !members.delete(userId);
      if (comes) members.add(userId);
      for (const { serverId, presence } of servers) {
        const isOwn = serverId === serverIds[where];
        const isConcerned = [...members, userId].some((one) => isHeardOf(one, serverId));
        const misses = cut.has(serverId) || cut.has(serverIds[where] ?? '');
        if (!isOwn && (!isConcerned || misses)) continue;
        if (comes) presence.joinedGroup(groupId, [userId]);
        else presence.leftGroup(groupId, [userId]);
      }
      await settle();
    },
    /** All go, and come back at once. */
    async renewAll(): Promise<void> {
      const all = [...sockets.values()];
      while (sockets.size > 0) await this.disconnect(0);
      for (const { userId, serverId } of all)
        await this.connect(people.indexOf(userId), serverIds.indexOf(serverId));
    },
    answersAfter: (ms: number | undefined): void => void (world.answersAfterMs = ms),
    cutOff: (where: number): void => void cut.add(serverIds[where] ?? ''),
    async heal(): Promise<void> {
      world.answersAfterMs = 1;
      cut.clear();
      await pass(1_000);
      for (const [server, those] of missed)
        for (const [a, b] of those.splice(0)) server.presence.sharesConversation(a, b);
      await settle();
    },
    /** What pages show wrongly, in words. */
    wrong(): string[] {
      const connected = new Set([...sockets.values()].map(({ userId }) => userId));
      return [...sockets].flatMap(([socketId, { serverId, userId, shown }]) => {
        const wanted = knows(world, userId).filter((id) => connected.has(id));
        const name = (ids: Iterable<string>) =>
          [...ids]
            .map((id) => people.indexOf(id))
            .sort()
            .join(',');
        const is = shown === null ? 'nothing' : name(shown);
        return is === name(wanted)
          ? []
          : [`${socketId} of ${people.indexOf(userId)} on ${serverId}: ${is}, not ${name(wanted)}`];
      });
    },
    close: (): void => {
      for (const server of servers) server.close();
    },
  };
}

const who = fc.integer({ min: 0, max: people.length - 1 });
const where = fc.integer({ min: 0, max: serverIds.length - 1 });
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ connects: who, where }) },
  { weight: 3, arbitrary: fc.record({ disconnects: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ says: who, to: who, where }) },
  { weight: 3, arbitrary: fc.record({ entersOrLeaves: who, where }) },
  { weight: 5, arbitrary: fc.record({ passes: fc.constantFrom(0, 60, 200, 1_000, 3_000, 6_000, 12_000) }) },
  { weight: 1, arbitrary: fc.record({ cutsOff: where }) },
  { weight: 1, arbitrary: fc.record({ answersAfter: fc.constantFrom(1, 300, 2_500, undefined) }) },
  { weight: 1, arbitrary: fc.constant('heals' as const) },
);

let world: ReturnType<typeof createWorld>;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());
const [alice, bob] = [0, 1];
const [first, second] = [0, 1];

it('who moves to a server that had not heard of their first message is shown there to whom they wrote', async () => {
  await world.connect(alice, first);
  await world.connect(bob, second);
  await world.pass(1_000);
  world.cutOff(first);
  await world.say(bob, alice, second);
  await world.connect(bob, first);
  await world.heal();
  await world.pass(1_000);
  expect(world.wrong()).toEqual([]);
});

it('who comes to a server that had not heard of a first message to them is shown where it was said', async () => {
  world.cutOff(first);
  await world.connect(alice, first);
  await world.pass(200);
  await world.connect(bob, second);
  await world.say(alice, bob, first);
  await world.heal();
  await world.pass(1_000);
  expect(world.wrong()).toEqual([]);
});

it('who left a group and was not heard to is in no new list of those who stayed', async () => {
  await world.enterOrLeave(alice, second);
  await world.enterOrLeave(bob, second);
  await world.connect(alice, first);
  await world.connect(bob, first);
  await world.pass(1_000);
  world.cutOff(first);
  await world.enterOrLeave(bob, second);
  await world.heal();
  await world.renewAll();
  await world.pass(1_000);
  expect(world.wrong()).toEqual([]);
});

it('whoever comes, goes and writes on whichever server, and whatever is lost between them: at rest every new page shows who is there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 40 }), async (events) => {
      world.close();
      world = createWorld();
      for (const happens of events) {
        if (happens === 'heals') await world.heal();
        else if ('connects' in happens) await world.connect(happens.connects, happens.where);
        else if ('disconnects' in happens) await world.disconnect(happens.disconnects);
        else if ('says' in happens) await world.say(happens.says, happens.to, happens.where);
        else if ('entersOrLeaves' in happens) await world.enterOrLeave(happens.entersOrLeaves, happens.where);
        else if ('passes' in happens) await world.pass(happens.passes);
        else if ('cutsOff' in happens) world.cutOff(happens.cutsOff);
        else world.answersAfter(happens.answersAfter);
      }
      await world.heal();
      await world.pass(1_000);
      await world.renewAll();
      await world.pass(15_000);
      expect(world.wrong()).toEqual([]);
    }),
    { numRuns: Number(process.env['RUNS'] ?? 100) },
  );
});
