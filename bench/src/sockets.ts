import { createAsk, type SoriSocket } from '@sori/client';
import type { Options } from './options.js';
import { cpuMsOf } from './processes.js';
import { type Report, shown, type Say } from './report.js';
import { openSocket, type Person, signUp, type Sori, startSori } from './sori.js';

const peopleCount = 200;
/** With how many others each person shares a conversation, on either side. */
const neighbours = 3;
/** As many browsers come back at once after a restart. */
const connectingAtOnce = 50;
const warmUpSockets = 200;
/** Twice as many sockets may take somewhat more than twice the time; with O(n²) they would take four times. */
const mostTimesForTwice = 3;
/** Of the largest number: the sockets of a Sori that was restarted, for which the people wait. */
const targets = { perSecond: 5_000 / 20, delayP99Ms: 100, bytesPerSocket: 25 * 1_024 } as const;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Whoever is online is told to the people who know them: a messenger in which nobody knows anybody would be too easy. */
async function acquaint(sori: Sori, people: readonly Person[]): Promise<void> {
  for (const [index, person] of people.entries()) {
    const socket = await openSocket(sori, person);
    for (let distance = 1; distance <= neighbours; distance += 1) {
      const other = people[(index + distance) % people.length];
      if (!other) continue;
      const input = { to: other._id, message: 'Hello', clientId: `hello-${index}-${distance}` };
      await createAsk(socket)('message:send', input);
    }
    socket.disconnect();
  }
}

/** Opens this many sockets of all these people, a few at a time. */
async function connectAll(sori: Sori, people: readonly Person[], count: number): Promise<SoriSocket[]> {
  const sockets: SoriSocket[] = [];
  let next = 0;
  const connectSome = async (): Promise<void> => {
    while (next < count) {
      const person = people[next % people.length];
      next += 1;
      if (person) sockets.push(await openSocket(sori, person));
    }
  };
  await Promise.all(Array.from({ length: connectingAtOnce }, connectSome));
  return sockets;
}

interface Held {
  sockets: number;
  /** Until the last of them had been told all that a new socket is told. */
  seconds: number;
  cpuMs: number;
  held: number;
  /** How late the event loop was while they connected. */
  delayP99Ms: number;
  /** With all garbage collected. */
  heapBytes: number;
  residentBytes: number;
}

/** Connects this many sockets, looks at the server, and lets them go. */
async function hold(sori: Sori, people: readonly Person[], count: number): Promise<Held> {
  // Longer than the grace in which a person is not yet said to be offline.
  await sleep(7_000);
  await sori.look();
  const cpuBefore = cpuMsOf(sori.pid);
  const begin = performance.now();
  const sockets = await connectAll(sori, people, count);
  const seconds = (performance.now() - begin) / 1_000;
  await sleep(1_000);
  const cpuMs = cpuMsOf(sori.pid) - cpuBefore;
  const held: Held = {
    sockets: count,
    seconds,
    cpuMs,
    held: sockets.filter(({ connected }) => connected).length,
    ...(await sori.look()),
  };
  for (const socket of sockets) socket.disconnect();
  return held;
}

/** How many sockets are held, what each costs in memory, and whether n of them connect in a time of O(n). */
export async function measureSockets(options: Options, say: Say): Promise<Report> {
  say(`\nsockets: starting the server and signing up ${peopleCount} people`);
  const sori = await startSori(options.profile);
  const people = await signUp(sori, peopleCount);
  await acquaint(sori, people);
  // Once before, so that what is measured is the sockets and not the first use of the code.
  await hold(sori, people, warmUpSockets);
  await sleep(7_000);
  const before = await sori.look();
  const figures: (Held & { bytesPerSocket: number; residentPerSocket: number })[] = [];
  for (const count of [options.sockets / 4, options.sockets / 2, options.sockets].map(Math.round)) {
    const one = await hold(sori, people, count);
    figures.push({
      ...one,
      bytesPerSocket: (one.heapBytes - before.heapBytes) / count,
      residentPerSocket: (one.residentBytes - before.residentBytes) / count,
    });
    say(`sockets: ${count} connected in ${shown(one.seconds, ' s')}`);
  }
  await sori.stop();
  const [, half, all] = figures;
  const held = all?.held ?? 0;
  const perSecond = (all?.sockets ?? 0) / (all?.seconds ?? NaN);
  const cpuTimes = (all?.cpuMs ?? NaN) / (half?.cpuMs ?? NaN);
  // Where the system does not tell a process's time, the clock on the wall has to do.
  const times = Number.isFinite(cpuTimes) ? cpuTimes : (all?.seconds ?? NaN) / (half?.seconds ?? NaN);
  return {
    title: `Sockets that speak Sori, of ${peopleCount} people who each know ${2 * neighbours} others`,
    columns: [
      'sockets',
      'held',
      'connected in',
      'a second',
      'processor time for each',
      'memory for each',
      'in RAM',
      'loop p99',
    ],
    rows: figures.map(({ sockets, held: open, seconds, cpuMs, ...each }) => [
      sockets.toLocaleString('en'),
      open.toLocaleString('en'),
      shown(seconds, ' s'),
      shown(sockets / seconds),
      shown(cpuMs / sockets, ' ms'),
      shown(each.bytesPerSocket / 1_024, ' KiB'),
      shown(each.residentPerSocket / 1_024, ' KiB'),
      shown(each.delayP99Ms, ' ms'),
    ]),
    notes: [
      'Of the server. Memory: how much more its program holds with them than with none, garbage collected; in RAM: how much more',
      'the system has given to it. Loop: how late its event loop was while they connected.',
    ],
    targets: [
      {
        what: 'sockets held',
        wanted: String(options.sockets),
        measured: String(held),
        holds: held === options.sockets,
      },
      {
        what: 'processor time that twice as many take to connect',
        wanted: `at most ${mostTimesForTwice} times`,
        measured: `${shown(times)} times`,
        holds: times <= mostTimesForTwice,
      },
      {
        what: 'sockets that connect in a second',
        wanted: `at least ${targets.perSecond}`,
        measured: shown(perSecond),
        holds: perSecond >= targets.perSecond,
      },
      {
        what: 'event-loop delay p99 while they connect',
        wanted: `under ${targets.delayP99Ms} ms`,
        measured: shown(all?.delayP99Ms ?? NaN, ' ms'),
        holds: (all?.delayP99Ms ?? Infinity) < targets.delayP99Ms,
      },
      {
        what: 'memory of an idle socket, garbage collected',
        wanted: `at most ${targets.bytesPerSocket / 1_024} KiB`,
        measured: shown((all?.bytesPerSocket ?? NaN) / 1_024, ' KiB'),
        holds: (all?.bytesPerSocket ?? Infinity) <= targets.bytesPerSocket,
      },
    ],
    figures,
  };
}
