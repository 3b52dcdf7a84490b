import { Types } from 'mongoose';
import { createPresence } from '../features/presence/presence.service.js';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.js';
import { createHeartbeat } from './heartbeat.js';
import { type Handler, type Link, noLink } from './link.js';
import { createPresenceRelay } from './presence-relay.js';
import { channels, decode, encode, type Kind, type Publications } from './publications.js';
import { liveMs } from './registry.js';

const id = (): string => new Types.ObjectId().toHexString();
const [alice, bob, carol] = [id(), id(), id()];

/** Everybody has written to everybody. */
const circleOf = (userId: string) =>
  Promise.resolve({ people: [alice, bob, carol].filter((one) => one !== userId), groups: [] });

interface Wire {
  clock: FakeClock;
  /** What is published meanwhile is lost. */
  cut: boolean;
  /** Whom the database knows. */
  live: string[];
  handlers: { serverId: string; kind: Kind; handle: (body: never, channel: string) => void }[];
}

const newWire = (): Wire => ({
  clock: createFakeClock(),
  cut: false,
  live: ['first', 'second', 'third'],
  handlers: [],
});

/** A link to all others, over which everything comes at once or not at all. */
const linkOf = (wire: Wire, serverId: string): Link => ({
  ...noLink,
  isUp: () => true,
  publish<K extends Kind>(channel: string, kind: K, body: Publications[K]) {
    if (wire.cut) return;
    const heard = decode(encode(Buffer.alloc(12), kind, body)).body as never;
    for (const other of wire.handlers) {
      const isFor = channel === channels.servers || channel === channels.server(other.serverId);
      if (other.serverId !== serverId && other.kind === kind && isFor) other.handle(heard, channel);
    }
  },
  on: <K extends Kind>(kind: K, handle: Handler<K>) => void wire.handlers.push({ serverId, kind, handle }),
});

function startServer(wire: Wire, serverId: string) {
  const { clock } = wire;
  const link = linkOf(wire, serverId);
  const notices: { to: string; notice: unknown }[] = [];
  const presence = createPresence({
    circleOf,
    blockedBy: () => Promise.resolve([]),
    emit: {
      toPeople: (userIds, name, notice) => {
        if (name === 'presence') for (const to of userIds) notices.push({ to, notice });
      },
    },
    emitToSockets: () => undefined,
    others: { arrived: (userId) => relay.arrived(userId), left: (userId) => relay.left(userId) },
    clock,
    report: (bug) => {
      throw bug;
    },
  });
  const relay = createPresenceRelay({ serverId, link, clock, presence });
  let woken = 0;
  const heartbeat = createHeartbeat({
    serverId,
    link,
    number: relay.number,
    peers: () => wire.live,
    gone: relay.gone,
    woke: () => (woken += 1),
    clock,
  });
  return {
    presence,
    relay,
    notices,
    woken: () => woken,
    online: () => presence.onlineAmong([alice, bob, carol]).length,
    close(): void {
      heartbeat.close();
      relay.close();
      presence.close();
    },
    connect: (userId: string, socketId: string) => presence.connected({ socketId, userId, speaksSori: true }),
  };
}

let wire: Wire;
let first: ReturnType<typeof startServer>;
let second: ReturnType<typeof startServer>;
beforeEach(() => {
  wire = newWire();
  first = startServer(wire, 'first');
  second = startServer(wire, 'second');
});
afterEach(() => {
  for (const server of [first, second]) server.close();
  expect(wire.clock.waiting()).toBe(0);
});

it('who is connected to another server is shown here, once, and goes after the grace', async () => {
  await first.connect(alice, 'a1');
  wire.clock.advance(200);
  await second.connect(bob, 'b1');
  wire.clock.advance(200);
  expect(first.notices).toEqual([{ to: alice, notice: { online: [bob], offline: [] } }]);
  second.presence.disconnected('b1');
  wire.clock.advance(4_900);
  expect(first.notices).toHaveLength(1);
  wire.clock.advance(300);
  expect(first.notices.at(-1)).toEqual({ to: alice, notice: { online: [], offline: [bob] } });
});

it('nobody sees somebody go who moves from one server to another', async () => {
  await first.connect(alice, 'a1');
  await second.connect(bob, 'b1');
  wire.clock.advance(200);
  const before = first.notices.length;
  second.presence.disconnected('b1');
  wire.clock.advance(3_000);
  await first.connect(bob, 'b2');
  wire.clock.advance(10_000);
  expect(first.notices).toHaveLength(before);
  expect(first.online()).toBe(2);
});

it('what was lost between servers is made good within a second', async () => {
  await first.connect(alice, 'a1');
  await second.connect(bob, 'b1');
  wire.clock.advance(3_000);
  wire.cut = true;
  second.presence.disconnected('b1');
  await second.connect(carol, 'c1');
  wire.clock.advance(10_000);
  expect(first.presence.onlineAmong([bob, carol])).toEqual([bob]);
  wire.cut = false;
  wire.clock.advance(1_000);
  expect(first.presence.onlineAmong([carol])).toEqual([carol]);
  wire.clock.advance(5_100);
  expect(first.presence.onlineAmong([bob, carol])).toEqual([carol]);
});

it('a server that starts later learns who is there', async () => {
  await first.connect(alice, 'a1');
  await second.connect(bob, 'b1');
  wire.clock.advance(1_000);
  const third = startServer(wire, 'third');
  wire.clock.advance(1_000);
  expect(third.online()).toBe(2);
  third.close();
});

it('the people of a server that has vanished are offline at once, and those who are here as well are not', async () => {
  await first.connect(alice, 'a1');
  await second.connect(bob, 'b1');
  await second.connect(alice, 'a2');
  wire.clock.advance(5_000);
  wire.cut = true;
  second.close();
  first.relay.gone('second');
  wire.clock.advance(150);
  expect(first.presence.onlineAmong([alice, bob])).toEqual([alice]);
  expect(first.notices.at(-1)).toEqual({ to: alice, notice: { online: [], offline: [bob] } });
});

it('the people of a server that stopped in good order while nothing was heard of it go as well', async () => {
  await first.connect(alice, 'a1');
  await second.connect(bob, 'b1');
  wire.clock.advance(5_000);
  wire.cut = true;
  second.close();
  wire.clock.advance(60_000);
  // As long as the database knows it, its people may be there.
  expect(first.presence.onlineAmong([bob])).toEqual([bob]);
  wire.live = ['first'];
  wire.clock.advance(1_000);
  expect(first.presence.onlineAmong([alice, bob])).toEqual([alice]);
});

it('a server that was stopped for longer than the others wait sends its sockets away, and a slow one does not', () => {
  wire.clock.advance(liveMs);
  expect(first.woken()).toBe(0);
  const asleep = createFakeClock();
  let woken = 0;
  let elapsed = 0;
  const heartbeat = createHeartbeat({
    serverId: 'third',
    link: noLink,
    number: () => 0,
    peers: () => [],
    gone: () => undefined,
    woke: () => (woken += 1),
    // Time goes on while nothing of the process runs.
    clock: { ...asleep, elapsed: () => elapsed },
  });
  elapsed += liveMs - 1_000;
  asleep.advance(500);
  expect(woken).toBe(0);
  elapsed += liveMs + 1_000;
  asleep.advance(500);
  expect(woken).toBe(1);
  heartbeat.close();
});
