import { mongo } from 'mongoose';
import { engineUri } from '../../backend/dist/database/embedded/launch.js';
import type { SoriSocket } from '@sori/client';
import { connectHttp, type HttpConnection } from './http-client.js';
import type { Options } from './options.js';
import { type Report, shown, type Say } from './report.js';
import { addPeople, openSocket, type Person, signUp, type Sori, startSori } from './sori.js';
import { median, quantile } from './statistics.js';

/** Who writes while somebody else does their worst: eight people, each to their neighbour, about 80 sends a second. */
const writersCount = 8;
const pauseMs = 100;
const settleMs = 3_000;
const text = 'Sori!'.repeat(20);
const entriesCount = 2_000;
const silentCount = 4_999;
const target = { timesQuiet: 3 } as const;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** What one account does to the server until it is told to stop; answered or refused, it goes on. */
interface Attack {
  name: string;
  run: (isOver: () => boolean) => Promise<void>;
}

interface Sent {
  ms: number[];
  failed: number;
}

let sends = 0;
function send(socket: SoriSocket, to: string): Promise<number | null> {
  const begin = performance.now();
  return new Promise((resolve) => {
    socket.emit('message:send', { to, message: text, clientId: `hostile-${(sends += 1)}` }, (reply) =>
      resolve(reply.ok ? performance.now() - begin : null),
    );
  });
}

/** The bystanders write at their own pace; how long each of them waits is what counts. */
async function writeFor(
  sockets: readonly SoriSocket[],
  people: readonly Person[],
  seconds: number,
): Promise<Sent> {
  const sent: Sent = { ms: [], failed: 0 };
  const until = performance.now() + seconds * 1_000;
  await Promise.all(
    sockets.map(async (socket, index) => {
      const to = people[index ^ 1]?._id ?? '';
      await sleep((pauseMs * index) / sockets.length);
      while (performance.now() < until) {
        const ms = await send(socket, to);
        if (ms === null) sent.failed += 1;
        else sent.ms.push(ms);
        await sleep(pauseMs);
      }
    }),
  );
  return sent;
}

/** A long conversation, put there directly, as its people find it. @returns its id */
async function fill(sori: Sori, socket: SoriSocket, to: string): Promise<string> {
  if ((await send(socket, to)) === null) throw new Error('The first message was refused');
  const client = await mongo.MongoClient.connect(engineUri(sori.socketPath));
  try {
    const db = client.db();
    const first = await db.collection('entries').findOne({ receiverId: new mongo.ObjectId(to) });
    if (!first) throw new Error('The first message is not there');
    const conversationId = first['conversationId'] as mongo.ObjectId;
    await db.collection('entries').insertMany(
      Array.from({ length: entriesCount }, (_, index) => ({
        ...first,
        _id: new mongo.ObjectId(),
        message: 'Sori! '.repeat(150),
        seq: index + 2,
        messageCount: index + 2,
        clientId: `filled-${index}`,
      })),
      { writeConcern: { w: 1, j: true } },
    );
    // As whoever wrote them would have left it: otherwise the first reader has to bring it up to its log.
    const newest = entriesCount + 1;
    await db
      .collection('conversations')
      .updateOne({ _id: conversationId }, { $set: { appliedSeq: newest, lastMessageSeq: newest } });
    return conversationId.toHexString();
  } finally {
    await client.close();
  }
}

const askAfter = (socket: SoriSocket, conversationId: string): Promise<void> =>
  new Promise((resolve) => {
    socket.emit('entries:after', { conversationId, after: 0, limit: 500 }, () => resolve());
  });

/** Asks these again and again over this many connections, whatever the answers are. */
async function flood(
  { port }: Sori,
  { token }: Person,
  connections: number,
  requests: readonly { method: 'GET' | 'POST'; path: string; body?: string }[],
  isOver: () => boolean,
): Promise<void> {
  const one = async (connection: HttpConnection, offset: number): Promise<void> => {
    for (let index = offset; !isOver(); index += 1) {
      const request = requests[index % requests.length];
      if (!request) return;
      const refused = await new Promise<boolean>((resolve) =>
        connection.ask({ ...request, headers: `Cookie: jwt=${token}\r\n` }, (error, { status }) =>
          resolve(error !== null || status >= 400),
        ),
      );
      // Refusing is cheap; a loop that does nothing else would measure how fast this program is.
      if (refused) await sleep(20);
    }
  };
  const open = await Promise.all(Array.from({ length: connections }, () => connectHttp(port)));
  await Promise.all(open.map(one));
  for (const connection of open) connection.close();
}

async function attacksOf(sori: Sori, attacker: Person, friend: Person): Promise<Attack[]> {
  const sockets = await Promise.all(Array.from({ length: 5 }, () => openSocket(sori, attacker)));
  const [first] = sockets;
  if (!first) throw new Error('A socket is needed');
  const conversationId = await fill(sori, first, friend._id);
  const silent = await addPeople(sori, attacker, silentCount);
  const pages = (count: number, from: readonly SoriSocket[]): Attack['run'] =>
    async function run(isOver) {
      while (!isOver()) {
        const asked = Array.from({ length: count }, (_, index) => from[index % from.length] ?? first);
        await Promise.all(asked.map((socket) => askAfter(socket, conversationId)));
        await sleep(20);
      }
    };
  const get = (path: string) => ({ method: 'GET' as const, path });
  const group = (members: readonly string[]) => ({
    method: 'POST' as const,
    path: '/api/conversations',
    body: JSON.stringify({ name: 'Everybody', memberIds: members }),
  });
  return [
    { name: '300 entries:after at once, one socket', run: pages(300, [first]) },
    { name: '300 entries:after at once, five sockets', run: pages(300, sockets) },
    {
      name: '20 groups of 300 at once',
      run: (isOver) => flood(sori, attacker, 20, [group(silent.slice(0, 300))], isOver),
    },
    {
      name: `20 groups of ${silentCount} at once`,
      run: (isOver) => flood(sori, attacker, 20, [group(silent)], isOver),
    },
    {
      name: 'lists and searches, 50 at once',
      run: (isOver) =>
        flood(
          sori,
          attacker,
          50,
          [
            get('/api/bootstrap'),
            get('/api/conversations?limit=100'),
            get('/api/users?search=ben&limit=100'),
          ],
          isOver,
        ),
    },
    {
      name: 'pages of history, 50 at once',
      run: (isOver) =>
        flood(
          sori,
          attacker,
          50,
          [
            get(`/api/messages/${conversationId}?limit=100`),
            get(`/api/messages/${conversationId}?limit=100&around=1000`),
            get(`/api/conversations/${conversationId}/entries?limit=500`),
          ],
          isOver,
        ),
    },
  ];
}

/** How long other people's sends take while one account does its worst, next to how long they take while it does not. */
export async function measureHostile(options: Options, say: Say): Promise<Report> {
  say(`\nhostile: starting the server with its limits on, and signing up ${writersCount + 2} people`);
  const sori = await startSori(options.profile, { limits: true });
  const people = await signUp(sori, writersCount + 2);
  const writers = people.slice(0, writersCount);
  const [attacker, friend] = people.slice(writersCount);
  if (!attacker || !friend) throw new Error('An attacker is needed');
  const sockets = await Promise.all(writers.map((person) => openSocket(sori, person)));
  const attacks = await attacksOf(sori, attacker, friend);

  await writeFor(sockets, writers, 1);
  const empty = (): Sent => ({ ms: [], failed: 0 });
  const quiet = empty();
  const results = attacks.map(({ name }) => ({ name, sent: empty() }));
  const add = (to: Sent, from: Sent): void => {
    to.ms.push(...from.ms);
    to.failed += from.failed;
  };
  for (let round = 1; round <= options.rounds; round += 1) {
    // Not right behind an attack, of which something is always left to do.
    await sleep(settleMs);
    add(quiet, await writeFor(sockets, writers, options.seconds));
    for (const [index, attack] of attacks.entries()) {
      let over = false;
      const attacking = attack.run(() => over);
      const during = await writeFor(sockets, writers, options.seconds);
      over = true;
      await attacking;
      const result = results[index];
      if (result) add(result.sent, during);
    }
    say(`hostile: round ${round} of ${options.rounds}`);
  }
  for (const socket of sockets) socket.disconnect();
  await sori.stop();
  return reportOf(quiet, results);
}

function reportOf(quiet: Sent, results: readonly { name: string; sent: Sent }[]): Report {
  const quietP99 = quantile(quiet.ms, 0.99);
  const figures = [{ name: 'quiet', sent: quiet }, ...results].map(({ name, sent }) => ({
    name,
    sends: sent.ms.length,
    failed: sent.failed,
    p50Ms: median(sent.ms),
    p99Ms: quantile(sent.ms, 0.99),
    timesQuiet: quantile(sent.ms, 0.99) / quietP99,
  }));
  const failed = figures.reduce((sum, figure) => sum + figure.failed, 0);
  return {
    title: `Sends of ${writersCount} people while one other account does its worst, all limits on`,
    columns: ['the other account', 'sends', 'p50', 'p99', 'of the quiet p99'],
    rows: figures.map(({ name, sends: count, p50Ms, p99Ms, timesQuiet }) => [
      name,
      String(count),
      shown(p50Ms, ' ms'),
      shown(p99Ms, ' ms'),
      `${shown(timesQuiet)} times`,
    ]),
    notes: [],
    targets: [
      ...figures.slice(1).map(({ name, timesQuiet }) => ({
        what: `p99 of others' sends: ${name}`,
        wanted: `under ${target.timesQuiet} times the quiet one`,
        measured: `${shown(timesQuiet)} times`,
        holds: timesQuiet < target.timesQuiet,
      })),
      {
        what: "others' sends that were refused",
        wanted: 'none',
        measured: String(failed),
        holds: failed === 0,
      },
    ],
    figures: { sends: figures },
  };
}
