import type { Options } from './options.js';
import { type Report, shown, type Say } from './report.js';
import { addPeople, openSocket, type Person, signUp, type Sori, type SoriSocket, startSori } from './sori.js';
import { median, quantile } from './statistics.js';

const membersCount = 1_000;
/** Each of them with a phone, a laptop and one more tab. */
const peopleCount = 100;
const socketsEach = 3;
const socketsCount = peopleCount * socketsEach;
const removals = 10;
const text = 'Sori!'.repeat(20);
/** Between an answer and the next send: what is compared is one send, not how many fit into a second. */
const pauseMs = 25;
const targets = { timesDirect: 2, removalMs: 1_000 } as const;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

async function call(sori: Sori, { token }: Person, method: string, path: string, body?: object) {
  const response = await fetch(`http://127.0.0.1:${sori.port}${path}`, {
    method,
    headers: { Cookie: `jwt=${token}`, ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { _id: string };
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}`);
  return answer;
}

let sent = 0;
/** @returns milliseconds until it was acknowledged */
function send(socket: SoriSocket, to: string): Promise<number> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    socket.emit('message:send', { to, message: text, clientId: `group-${(sent += 1)}` }, (reply) => {
      if (reply.ok) resolve(performance.now() - begin);
      else reject(new Error(reply.error));
    });
  });
}

async function sendFor(socket: SoriSocket, to: string, seconds: number): Promise<number[]> {
  const ms: number[] = [];
  for (const until = performance.now() + seconds * 1_000; performance.now() < until;) {
    ms.push(await send(socket, to));
    await sleep(pauseMs);
  }
  return ms;
}

/** Takes one person out and waits until every socket has heard of it. @returns milliseconds until the last one had */
async function removeOne(
  sori: Sori,
  by: Person,
  target: Person,
  conversationId: string,
  sockets: readonly SoriSocket[],
): Promise<number> {
  const begin = performance.now();
  const heard = sockets.map(
    (socket) =>
      new Promise<void>((resolve) => {
        const done = (): void => {
          socket.off('entry', onEntry);
          socket.off('conversation:gone', done);
          resolve();
        };
        const onEntry = ({ kind }: { kind: string }): void => {
          if (kind === 'member') done();
        };
        socket.on('entry', onEntry);
        socket.on('conversation:gone', done);
      }),
  );
  const answered = call(sori, by, 'DELETE', `/api/conversations/${conversationId}/members/${target._id}`);
  await Promise.all([Promise.all(heard).then(() => performance.now()), answered]);
  return performance.now() - begin;
}

/** A send into a large group next to one to a single person, and how long a removal takes to reach everybody. */
export async function measureGroup(options: Options, say: Say): Promise<Report> {
  say(`\ngroup: starting the server and signing up ${peopleCount} people`);
  const sori = await startSori(options.profile);
  const people = await signUp(sori, peopleCount);
  const [alice, bob] = people;
  if (!alice || !bob) throw new Error('Two people are needed');
  const silent = await addPeople(sori, alice, membersCount - peopleCount);
  const memberIds = [...people.map(({ _id }) => _id), ...silent];
  const group = await call(sori, alice, 'POST', '/api/conversations', { name: 'Everybody', memberIds });
  const sockets: SoriSocket[] = [];
  for (const person of people) {
    for (let tab = 0; tab < socketsEach; tab += 1) sockets.push(await openSocket(sori, person));
  }
  const [own] = sockets;
  if (!own) throw new Error('A socket is needed');
  let delivered = 0;
  for (const socket of sockets) {
    socket.on('newMessage', ({ conversationId }) => {
      if (conversationId === group._id) delivered += 1;
    });
  }
  // In turn, so that whatever else the machine does falls on both.
  const direct: number[] = [];
  const grouped: number[] = [];
  await sendFor(own, bob._id, 1);
  await sendFor(own, group._id, 1);
  await sleep(1_000);
  delivered = 0;
  for (let round = 1; round <= options.rounds * 2; round += 1) {
    direct.push(...(await sendFor(own, bob._id, options.seconds)));
    grouped.push(...(await sendFor(own, group._id, options.seconds)));
    say(`group: round ${round} of ${options.rounds * 2}`);
  }
  await sleep(1_000);
  const wanted = grouped.length * sockets.length;
  const heard = delivered;

  const removed: number[] = [];
  // The last one first: who was taken out hears of no other.
  for (const target of people.slice(-removals).reverse()) {
    removed.push(
      await removeOne(
        sori,
        alice,
        target,
        group._id,
        sockets.slice(0, (people.indexOf(target) + 1) * socketsEach),
      ),
    );
  }
  const deaf = sockets.slice(-removals * socketsEach);
  let leaked = 0;
  for (const socket of deaf) socket.on('newMessage', () => void (leaked += 1));
  await send(own, group._id);
  await sleep(500);
  for (const socket of sockets) socket.disconnect();
  await sori.stop();

  const row = (name: string, ms: readonly number[]) => ({
    name,
    sends: ms.length,
    p50Ms: median(ms),
    p99Ms: quantile(ms, 0.99),
  });
  const figures = [row('one person', direct), row(`group of ${membersCount}`, grouped)];
  const times = quantile(grouped, 0.99) / quantile(direct, 0.99);
  const slowest = Math.max(...removed);
  return {
    title: `Acknowledged sends, one at a time, into a group of ${membersCount} with ${socketsCount} sockets open`,
    columns: ['to', 'sends', 'p50', 'p99'],
    rows: figures.map(({ name, sends, p50Ms, p99Ms }) => [
      name,
      String(sends),
      shown(p50Ms, ' ms'),
      shown(p99Ms, ' ms'),
    ]),
    notes: [`A removal reached all sockets within ${removed.map((ms) => shown(ms, ' ms')).join(', ')}.`],
    targets: [
      {
        what: 'p99 into the group, next to that to one person',
        wanted: `at most ${targets.timesDirect} times`,
        measured: `${shown(times)} times`,
        holds: times <= targets.timesDirect,
      },
      {
        what: 'the slowest removal to reach every socket',
        wanted: `within ${targets.removalMs} ms`,
        measured: shown(slowest, ' ms'),
        holds: slowest <= targets.removalMs,
      },
      {
        what: 'messages of the group heard by all of its sockets, and by none that was taken out',
        wanted: `${wanted} and 0`,
        measured: `${heard} and ${leaked}`,
        holds: heard === wanted && leaked === 0,
      },
    ],
    figures: { sends: figures, removed },
  };
}
