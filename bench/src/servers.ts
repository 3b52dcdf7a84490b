import { startServers } from '@sori/testkit';
import type { Options } from './options.js';
import { percent, type Report, type Say, shown, type Target } from './report.js';
import { at, peopleCount, targetInFlight } from './send/case.js';
import { measure, type Measured, nothingMeasured, spread, type Way } from './servers/ways.js';
import { type Person, signUp, startSori } from './sori.js';
import { median } from './statistics.js';

/** What must be reached, of what one server does beside it in the same run. */
const targets = { twoOfOne: 0.85, acrossMs: 2, togetherOfAlone: 0.6, leastShare: 0.5 };
const groupCount = 24;

async function makeGroup(address: string, [owner, ...others]: readonly Person[]): Promise<string> {
  if (!owner) throw new Error('Somebody is needed');
  const response = await fetch(`${address}/api/conversations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Cookie: `jwt=${owner.token}` },
    body: JSON.stringify({ kind: 'group', name: 'All', memberIds: others.map(({ _id }) => _id) }),
  });
  return ((await response.json()) as { _id: string })._id;
}

/** One server by itself, and three on one database and one Redis, with people spread over them in several ways. */
async function start(options: Options) {
  const alone = await startSori(options.profile);
  const several = await startServers({ settings: { NODE_ENV: 'production' } });
  const addresses = several.servers.map(({ url }) => url);
  const lonely = await signUp(alone, peopleCount);
  // Others for each way: what one receives goes to all of their sockets, on whichever server these are.
  const everybody = await signUp({ address: at(addresses, 0) }, 2 * peopleCount + 2 * groupCount);
  const take = (count: number): Person[] => everybody.splice(0, count);
  const [some, others] = [take(groupCount), take(groupCount)];
  const [group, another] = [
    await makeGroup(at(addresses, 0), some),
    await makeGroup(at(addresses, 0), others),
  ];
  const ways = {
    single: await spread('one server', [alone.address], lonely, { serverOf: () => 0 }),
    apart: await spread('two servers, each pair apart', addresses, take(peopleCount), {
      serverOf: (index) => index % 2,
    }),
    together: await spread('two servers, each pair together', addresses, take(peopleCount), {
      serverOf: (index) => (index >> 1) % 2,
    }),
    byOne: await spread('one conversation, by one server', addresses, some, { serverOf: () => 0, group }),
    byThree: await spread('one conversation, by three servers', addresses, others, {
      serverOf: (index) => index % 3,
      group: another,
    }),
  };
  return {
    ways,
    stop: async (): Promise<void> => {
      for (const { sockets } of Object.values(ways)) for (const socket of sockets) socket.disconnect();
      await Promise.all([alone.stop(), several.close()]);
    },
  };
}

/** Several servers next to one: how many sends, how much later on another server, and many servers in one conversation. */
export async function measureServers(options: Options, say: Say): Promise<Report> {
  say('\nservers: starting one server, and beside it three with one database and one Redis');
  const { ways, stop } = await start(options);
  const { single, apart, together, byOne, byThree } = ways;
  const many = new Map<Way, Measured>();
  const slow = new Map<Way, Measured>([apart, together].map((way) => [way, nothingMeasured(way)]));
  const run = (way: Way, seconds: number): Promise<number> => {
    const measured = many.get(way) ?? nothingMeasured(way);
    many.set(way, measured);
    return measure(way, measured, targetInFlight, seconds);
  };
  // Everything is compiled, every conversation is there.
  for (const way of Object.values(ways)) await run(way, 1);
  many.clear();
  const ofOne: number[] = [];
  const ofAlone: number[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    // What is compared stands side by side, so that whatever else the machine does falls on both.
    const before = await run(single, options.seconds);
    const two = await run(apart, options.seconds);
    ofOne.push((two * 2) / (before + (await run(single, options.seconds))));
    await run(together, options.seconds);
    const one = await run(byOne, options.seconds);
    ofAlone.push((await run(byThree, options.seconds)) / one);
    for (const [way, measured] of slow) await measure(way, measured, 1, options.seconds);
    say(`servers: round ${round} of ${options.rounds}`);
  }
  await stop();
  return report({
    all: [...many.values()],
    slow: [...slow.values()],
    ofOne,
    ofAlone,
    writers: many.get(byThree),
  });
}

interface Found {
  all: readonly Measured[];
  /** One at a time: apart, and together. */
  slow: readonly Measured[];
  ofOne: readonly number[];
  ofAlone: readonly number[];
  writers: Measured | undefined;
}

function report({ all, slow, ofOne, ofAlone, writers }: Found): Report {
  const byServer = writers?.byServer ?? [];
  const average = byServer.reduce((total, count) => total + count, 0) / byServer.length;
  const [apartMs = NaN, togetherMs = NaN] = slow.map(({ deliveryMs }) => median(deliveryMs));
  const figures = {
    twoOfOne: median(ofOne),
    addedMs: apartMs - togetherMs,
    togetherOfAlone: median(ofAlone),
    leastShare: Math.min(...byServer) / average,
  };
  const failures = [...all, ...slow].flatMap((measured) => measured.failures);
  const atLeast = (what: string, share: number, wanted: number): Target => ({
    what,
    wanted: `at least ${percent(wanted)}`,
    measured: percent(share),
    holds: share >= wanted,
  });
  const row = ({ name, perSecond, deliveryMs }: Measured): string[] => [
    name,
    shown(median(perSecond)),
    deliveryMs.length > 0 ? shown(median(deliveryMs), ' ms') : '–',
  ];
  return {
    title: `Acknowledged sends over the socket, ${targetInFlight} in flight; at the end one at a time`,
    columns: ['', 'sends/s', 'delivery p50'],
    rows: [...all, ...slow].map(row),
    notes: failures,
    targets: [
      atLeast('two servers, of one server’s rate', figures.twoOfOne, targets.twoOfOne),
      {
        what: 'delivery p50 to another server, more than within one',
        wanted: `at most ${targets.acrossMs} ms`,
        measured: shown(figures.addedMs, ' ms'),
        holds: figures.addedMs <= targets.acrossMs,
      },
      atLeast(
        'three servers in one conversation, of what one does',
        figures.togetherOfAlone,
        targets.togetherOfAlone,
      ),
      atLeast('the least of the three, of their average', figures.leastShare, targets.leastShare),
      {
        what: 'failed or not delivered',
        wanted: 'none',
        measured: String(failures.length),
        holds: failures.length === 0,
      },
    ],
    figures: { ...figures, all: all.map(({ name, perSecond }) => ({ name, perSecond })), byServer },
  };
}
