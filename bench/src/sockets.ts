import type { Say } from './main.js';
import type { Options } from './options.js';
import { residentBytesOf } from './processes.js';
import { type Report, shown } from './report.js';
import { openSocket, type Person, signUp, type Sori, type SoriSocket, startSori } from './sori.js';

const peopleCount = 200;
/** With how many others each person shares a conversation, on either side. */
const neighbours = 3;
/** As many browsers come back at once after a restart. */
const connectingAtOnce = 50;
/** Twice as many sockets may take somewhat more than twice the time; O(n²) would take four times. */
const mostTimesForTwice = 3;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Whoever is online is told to the people who know him: a messenger in which nobody knows anybody would be too easy. */
async function acquaint(sori: Sori, people: readonly Person[]): Promise<void> {
  for (const [index, person] of people.entries()) {
    const socket = await openSocket(sori, person);
    for (let distance = 1; distance <= neighbours; distance += 1) {
      const other = people[(index + distance) % people.length];
      if (!other) continue;
      const input = { to: other._id, message: 'Hello', clientId: `hello-${index}-${distance}` };
      await new Promise<void>((resolve, reject) => {
        socket.emit('message:send', input, (reply) => {
          if (reply.ok) resolve();
          else reject(new Error(reply.error));
        });
      });
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

/** How many sockets are held, what each costs in memory, and whether n of them connect in a time of O(n). */
export async function measureSockets(options: Options, say: Say): Promise<Report> {
  say(`\nsockets: starting the server and signing up ${peopleCount} people`);
  const sori = await startSori(options.profile);
  const people = await signUp(sori, peopleCount);
  await acquaint(sori, people);
  // Once before, so that what is measured is the sockets and not the first use of the code.
  const steps = [options.sockets / 4, options.sockets / 4, options.sockets / 2, options.sockets].map(
    Math.round,
  );
  const figures: { sockets: number; seconds: number; bytesPerSocket: number; held: number }[] = [];
  for (const count of steps) {
    // Longer than the grace in which a person is not said to be offline.
    await sleep(7_000);
    const before = residentBytesOf(sori.pid);
    const begin = performance.now();
    const sockets = await connectAll(sori, people, count);
    const seconds = (performance.now() - begin) / 1_000;
    await sleep(2_000);
    figures.push({
      sockets: count,
      seconds,
      bytesPerSocket: (residentBytesOf(sori.pid) - before) / count,
      held: sockets.filter(({ connected }) => connected).length,
    });
    say(`sockets: ${count} connected in ${shown(seconds, ' s')}`);
    for (const socket of sockets) socket.disconnect();
  }
  await sori.stop();
  const measured = figures.slice(1);
  const [, half, all] = measured;
  const times = (all?.seconds ?? NaN) / (half?.seconds ?? NaN);
  const held = all?.held ?? 0;
  return {
    title: `Sockets that speak Sori, of ${peopleCount} people who each know ${2 * neighbours} others`,
    columns: ['sockets', 'held', 'connected in', 'a second', 'memory of the server for each'],
    rows: measured.map(({ sockets, held: open, seconds, bytesPerSocket }) => [
      sockets.toLocaleString('en'),
      open.toLocaleString('en'),
      shown(seconds, ' s'),
      shown(sockets / seconds),
      shown(bytesPerSocket / 1_024, ' KiB'),
    ]),
    notes: [
      'Memory: how much more the server has in RAM with them than before. What it keeps free from earlier steps is used again,',
      'so the last line, with the most sockets, is the one that counts.',
    ],
    targets: [
      {
        what: 'sockets held',
        wanted: String(options.sockets),
        measured: String(held),
        holds: held === options.sockets,
      },
      {
        what: 'time in which twice as many connect',
        wanted: `at most ${mostTimesForTwice} times`,
        measured: `${shown(times)} times`,
        holds: times <= mostTimesForTwice,
      },
    ],
    figures: measured,
  };
}
