import { type Client, createClient } from '@sori/client';
import type { Options } from './options.js';
import { type Report, shown, type Say } from './report.js';
import { addPeople, openSocket, type Person, signUp, type Sori, startSori } from './sori.js';
import { median, quantile } from './statistics.js';

const membersCount = 1_000;
/** Each of them with a phone, a laptop and one more tab. */
const peopleCount = 100;
const socketsEach = 3;
const socketsCount = peopleCount * socketsEach;
const openedAtOnce = 50;
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

/** @returns milliseconds until it was acknowledged */
async function send(client: Client, to: string): Promise<number> {
  const begin = performance.now();
  await client.send(to, text);
  return performance.now() - begin;
}

async function sendFor(client: Client, to: string, seconds: number): Promise<number[]> {
  const ms: number[] = [];
  for (const until = performance.now() + seconds * 1_000; performance.now() < until;) {
    ms.push(await send(client, to));
    await sleep(pauseMs);
  }
  return ms;
}

/** A tab of somebody who is in the group: it follows the group as a page does, what it missed included. */
interface Tab {
  client: Client;
  /** Messages of the group that came, each once and in order, whatever the network made of it. */
  messages: number;
  /** Called when it hears that somebody came or went, or was taken out itself. */
  memberNotified: () => void;
}

/** Resolves when the tab follows: from then on nothing of the group passes it by. */
async function openTab(sori: Sori, { token }: Person, conversationId: string): Promise<Tab> {
  const tab: Tab = {
    client: createClient({ address: sori.address, token }),
    messages: 0,
    memberNotified: () => undefined,
  };
  await new Promise<void>((follows) => {
    tab.client.follow(conversationId, {
      from: 'beginning',
      entry: ({ kind }) => {
        follows();
        if (kind === 'message') tab.messages += 1;
        if (kind === 'member') tab.memberNotified();
      },
      gone: () => tab.memberNotified(),
    });
  });
  return tab;
}

/** Takes one person out and waits until every tab has heard of it. @returns milliseconds until the last one had */
async function removeOne(
  sori: Sori,
  by: Person,
  target: Person,
  conversationId: string,
  tabs: readonly Tab[],
): Promise<number> {
  const begin = performance.now();
  const notified = tabs.map((tab) => new Promise<void>((resolve) => (tab.memberNotified = resolve)));
  const answered = call(sori, by, 'DELETE', `/api/conversations/${conversationId}/members/${target._id}`);
  await Promise.all([Promise.all(notified).then(() => performance.now()), answered]);
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
  const tabs: Tab[] = [];
  const owners = people.flatMap((person) => Array.from({ length: socketsEach }, () => person));
  for (let start = 0; start < owners.length; start += openedAtOnce)
    tabs.push(
      ...(await Promise.all(
        // The first entry of the group says that they are in it.
        owners.slice(start, start + openedAtOnce).map((person) => openTab(sori, person, group._id)),
      )),
    );
  const [own] = tabs;
  if (!own) throw new Error('A tab is needed');
  // In turn, so that whatever else the machine does falls on both.
  const direct: number[] = [];
  const grouped: number[] = [];
  await sendFor(own.client, bob._id, 1);
  const warmUp = (await sendFor(own.client, group._id, 1)).length;
  await sleep(1_000);
  for (let round = 1; round <= options.rounds * 2; round += 1) {
    direct.push(...(await sendFor(own.client, bob._id, options.seconds)));
    grouped.push(...(await sendFor(own.client, group._id, options.seconds)));
    say(`group: round ${round} of ${options.rounds * 2}`);
  }
  await sleep(1_000);
  const wanted = (warmUp + grouped.length) * tabs.length;
  const notified = tabs.reduce((sum, { messages }) => sum + messages, 0);

  // Beside what they follow with: what is told to somebody who is out must be seen even where nobody follows any more.
  const out = people.slice(-removals);
  const deaf = await Promise.all(out.map((person) => openSocket(sori, person)));
  const removed: number[] = [];
  // The last one first: who was taken out hears of no other.
  for (const target of out.toReversed()) {
    const left = tabs.slice(0, (people.indexOf(target) + 1) * socketsEach);
    removed.push(await removeOne(sori, alice, target, group._id, left));
  }
  let leaked = 0;
  for (const socket of deaf) socket.on('newMessage', () => void (leaked += 1));
  await send(own.client, group._id);
  await sleep(500);
  for (const socket of deaf) socket.disconnect();
  for (const { client } of tabs) client.close();
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
        measured: `${notified} and ${leaked}`,
        holds: notified === wanted && leaked === 0,
      },
    ],
    figures: { sends: figures, removed },
  };
}
