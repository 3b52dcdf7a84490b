import type { SoriSocket } from '@sori/client';
import { type SeveralServers, startServers } from '@sori/testkit';
import { type Ask, runLoad } from './load.js';
import type { Options } from './options.js';
import { percent, type Report, type Say, shown } from './report.js';
import {
  at,
  createDeliveries,
  nextClientId,
  partnerOf,
  peopleCount,
  targetInFlight,
  text,
} from './send/case.js';
import { openSocket, type Person, signUp, startSori } from './sori.js';
import { median } from './statistics.js';

/** What must be reached, of what one server does beside it in the same run. */
const targets = { twoOfOne: 0.85, acrossMs: 2, togetherOfAlone: 0.6, leastShare: 0.5 };
const writersOfGroup = 24;

/** Sends of a kind: who sends to whom over which socket. */
interface Way {
  name: string;
  sockets: readonly SoriSocket[];
  /** By the number of the sender. */
  to: (index: number) => string;
  /** For each server, how many of its sends were answered. */
  byServer: number[];
  perSecond: number[];
  deliveryMs: number[];
}

interface People {
  people: readonly Person[];
  /** At the server of this number for each. */
  open: (serverOf: (index: number) => number) => Promise<SoriSocket[]>;
}

function peopleAt(addresses: readonly string[], people: readonly Person[]): People {
  return {
    people,
    open: (serverOf) =>
      Promise.all(
        people.map((person, index) => openSocket({ address: at(addresses, serverOf(index)) }, person)),
      ),
  };
}

const deliveries = createDeliveries();

/** Counts as delivered what reaches the other person of a pair. */
function listen({ people }: People, sockets: readonly SoriSocket[]): void {
  sockets.forEach((socket, index) => {
    const other = at(people, partnerOf(index))._id;
    socket.on('newMessage', ({ senderId, clientId }) => {
      if (senderId === other && clientId !== undefined) deliveries.arrived(clientId);
    });
  });
}

async function run(way: Way, serverOf: (index: number) => number, inFlight: number, seconds: number) {
  const ask: Ask = (worker, done) => {
    const index = worker % way.sockets.length;
    const clientId = nextClientId();
    deliveries.sent(clientId);
    at(way.sockets, index).emit('message:send', { to: way.to(index), message: text, clientId }, (reply) => {
      const failure = 'code' in reply ? reply.code : null;
      if (failure === null) way.byServer[serverOf(index)] = (way.byServer[serverOf(index)] ?? 0) + 1;
      else deliveries.failed(clientId);
      done(failure);
    });
  };
  const { perSecond, failures } = await runLoad({ inFlight, seconds, measuring: deliveries.measuring }, ask);
  const { deliveryMs, undelivered } = await deliveries.take();
  way.perSecond.push(perSecond);
  way.deliveryMs.push(...deliveryMs);
  return { failures, undelivered };
}

const way = (name: string, sockets: readonly SoriSocket[], to: (index: number) => string): Way => ({
  name,
  sockets,
  to,
  byServer: [],
  perSecond: [],
  deliveryMs: [],
});

async function makeGroup(several: SeveralServers, people: readonly Person[]): Promise<string> {
  const [owner, ...others] = people.slice(0, writersOfGroup);
  if (!owner) throw new Error('Somebody is needed');
  const response = await fetch(`${at(several.servers, 0).url}/api/conversations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Cookie: `jwt=${owner.token}` },
    body: JSON.stringify({ kind: 'group', name: 'All', memberIds: others.map(({ _id }) => _id) }),
  });
  const { _id } = (await response.json()) as { _id: string };
  return _id;
}

/** Several servers on one database and one Redis, next to one server. */
export async function measureServers(options: Options, say: Say): Promise<Report> {
  say('\nservers: starting one server, and beside it three with one database and Redis');
  const alone = await startSori(options.profile);
  const several = await startServers({ settings: { NODE_ENV: 'production' } });
  const addresses = several.servers.map(({ url }) => url);
  const one = peopleAt([alone.address], await signUp(alone, peopleCount));
  const many = peopleAt(addresses, await signUp({ address: at(addresses, 0) }, peopleCount));
  const group = await makeGroup(several, many.people);

  const here = (): number => 0;
  const apart = (index: number): number => index % 2;
  const beside = (index: number): number => (index >> 1) % 2;
  const third = (index: number): number => index % 3;
  const other =
    ({ people }: People) =>
    (index: number): string =>
      at(people, partnerOf(index))._id;
  const single = way('one server', await one.open(here), other(one));
  const across = way('two servers, each pair apart', await many.open(apart), other(many));
  const same = way('two servers, each pair together', await many.open(beside), other(many));
  for (const [people, { sockets }] of [
    [one, single],
    [many, across],
    [many, same],
  ] as const)
    listen(people, sockets);
  const toGroup = (): string => group;
  const groupSockets = async (serverOf: (index: number) => number) =>
    (await many.open(serverOf)).slice(0, writersOfGroup);
  const writer = way('one conversation, one server', await groupSockets(here), toGroup);
  const writers = way('one conversation, three servers', await groupSockets(third), toGroup);

  const failed: string[] = [];
  const measure = async (
    name: Way,
    serverOf: (index: number) => number,
    inFlight: number,
    seconds: number,
  ) => {
    const { failures, undelivered } = await run(name, serverOf, inFlight, seconds);
    if (Object.keys(failures).length > 0) failed.push(`${name.name}: ${JSON.stringify(failures)}`);
    if (undelivered > 0 && name !== writer && name !== writers)
      failed.push(`${name.name}: ${undelivered} undelivered`);
  };
  const all = [
    [single, here],
    [across, apart],
    [same, beside],
    [writer, here],
    [writers, third],
  ] as const;
  for (const [each, serverOf] of all) await measure(each, serverOf, targetInFlight, 1);
  for (const [each] of all) Object.assign(each, { byServer: [], perSecond: [], deliveryMs: [] });
  const ratios = { two: [] as number[], together: [] as number[] };
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const [each, serverOf] of [...all, all[0]] as const)
      await measure(each, serverOf, targetInFlight, options.seconds);
    const [before = NaN, after = NaN] = single.perSecond.slice(-2);
    ratios.two.push((across.perSecond.at(-1) ?? NaN) / ((before + after) / 2));
    ratios.together.push((writers.perSecond.at(-1) ?? NaN) / (writer.perSecond.at(-1) ?? NaN));
    say(`servers: round ${round} of ${options.rounds}`);
  }
  const slow = {
    across: way(across.name, across.sockets, across.to),
    same: way(same.name, same.sockets, same.to),
  };
  for (let round = 1; round <= options.rounds * 2; round += 1) {
    await measure(slow.same, beside, 1, options.seconds / 2);
    await measure(slow.across, apart, 1, options.seconds / 2);
  }

  for (const [{ sockets }] of all) for (const socket of sockets) socket.disconnect();
  await Promise.all([alone.stop(), several.close()]);
  const twoOfOne = median(ratios.two);
  const together = median(ratios.together);
  const sum = writers.byServer.reduce((total, count) => total + count, 0);
  const leastShare = Math.min(...writers.byServer) / (sum / writers.byServer.length);
  const addedMs = median(slow.across.deliveryMs) - median(slow.same.deliveryMs);
  return {
    title: `Acknowledged sends over the socket, ${targetInFlight} in flight`,
    columns: ['', 'sends/s', 'delivery p50'],
    rows: [
      ...all.map(([{ name, perSecond, deliveryMs }]) => [
        name,
        shown(median(perSecond)),
        shown(median(deliveryMs), ' ms'),
      ]),
      ...[slow.same, slow.across].map(({ name, perSecond, deliveryMs }) => [
        `${name}, one at a time`,
        shown(median(perSecond)),
        shown(median(deliveryMs), ' ms'),
      ]),
    ],
    notes: failed,
    targets: [
      {
        what: 'two servers, of one server’s rate',
        wanted: `at least ${percent(targets.twoOfOne)}`,
        measured: percent(twoOfOne),
        holds: twoOfOne >= targets.twoOfOne,
      },
      {
        what: 'delivery p50 to another server, more than within one',
        wanted: `at most ${targets.acrossMs} ms`,
        measured: shown(addedMs, ' ms'),
        holds: addedMs <= targets.acrossMs,
      },
      {
        what: 'three servers in one conversation, of what one does',
        wanted: `at least ${percent(targets.togetherOfAlone)}`,
        measured: percent(together),
        holds: together >= targets.togetherOfAlone,
      },
      {
        what: 'the least of the three, of their average',
        wanted: `at least ${percent(targets.leastShare)}`,
        measured: percent(leastShare),
        holds: leastShare >= targets.leastShare,
      },
      {
        what: 'failed or undelivered',
        wanted: 'none',
        measured: String(failed.length),
        holds: failed.length === 0,
      },
    ],
    figures: {
      twoOfOne,
      together,
      leastShare,
      addedMs,
      ways: all.map(([{ name, perSecond }]) => ({ name, perSecond })),
    },
  };
}
