import { mongo } from 'mongoose';
import { engineUri } from '../../backend/dist/database/embedded/launch.js';
import { connectHttp, type HttpConnection } from './http-client.js';
import type { Options } from './options.js';
import { percent, type Report, shown, type Say } from './report.js';
import { type Person, signUp, type Sori, startSori } from './sori.js';
import { median, quantile } from './statistics.js';

const most = 1.5;
const text = 'Sori!'.repeat(20);
const batchSize = 5_000;
const warmUpPages = 200;
const measuredPages = 1_500;

/** A whole answer, as the caller of these few requests wants it. */
function ask(
  connection: HttpConnection,
  request: { method: 'GET' | 'POST'; path: string; token: string; body?: object },
): Promise<{ status: number; body: unknown }> {
  const { method, path, token, body } = request;
  return new Promise((resolve, reject) => {
    const headers = `Cookie: jwt=${token}\r\n`;
    connection.ask(
      { method, path, headers, ...(body && { body: JSON.stringify(body) }) },
      (error, answer) => {
        if (error) reject(error);
        else resolve({ status: answer.status, body: JSON.parse(answer.body.toString()) as unknown });
      },
    );
  });
}

interface Sent {
  conversationId: string;
  seq: number;
}

async function send(sori: Sori, from: Person, to: Person): Promise<Sent> {
  // Its own, because filling takes longer than a server keeps an idle one.
  const connection = await connectHttp(sori.port);
  const { status, body } = await ask(connection, {
    method: 'POST',
    path: `/api/messages/send/${to._id}`,
    token: from.token,
    body: { message: text },
  }).finally(() => connection.close());
  if (status !== 201) throw new Error(`A send was answered with ${status}`);
  return body as Sent;
}

/**
 * Makes a conversation with this many messages: the first through the server, which thereby makes the conversation, the rest
 * as rows through the server's own database socket, with the head kept right, and the last through the server again, which
 * goes on from there. Sending them all would take four times as long and end in the same rows.
 */
async function fill(
  database: mongo.Db,
  sori: Sori,
  [from, to]: readonly [Person, Person],
  count: number,
): Promise<string> {
  const first = await send(sori, from, to);
  const conversationId = new mongo.ObjectId(first.conversationId);
  const entries = database.collection('entries');
  const previous = await entries.findOne({ conversationId, seq: first.seq });
  if (!previous) throw new Error('What the server acknowledged is not there');
  const { _id, clientId, ...like } = previous;
  let at = previous['at'] as Date;
  for (let seq = first.seq + 1; seq < count;) {
    const end = Math.min(seq + batchSize, count);
    const rows: mongo.OptionalId<mongo.Document>[] = [];
    at = new Date(Math.max(Date.now(), at.getTime()));
    for (; seq < end; seq += 1) {
      rows.push({
        ...like,
        seq,
        clientId: `${String(clientId)}-${seq}`,
        at,
        updatedAt: at,
        messageCount: seq,
      });
    }
    await entries.insertMany(rows, { ordered: true, writeConcern: { w: 1, j: true } });
  }
  await database
    .collection('conversations')
    .updateOne(
      { _id: conversationId },
      { $set: { appliedSeq: count - 1, lastMessageSeq: count - 1, headAt: at, lastActivityAt: at } },
      { writeConcern: { w: 1, j: true } },
    );
  const last = await send(sori, from, to);
  if (last.seq !== count) throw new Error(`The log does not go on: ${last.seq} instead of ${count}`);
  return first.conversationId;
}

interface Timed {
  conversationId: string;
  count: number;
  token: string;
  ms: number[];
}

/** One page of each in turn, so that whatever else the machine does falls on both. */
async function readPages(connection: HttpConnection, both: readonly Timed[]): Promise<void> {
  for (let page = 0; page < warmUpPages + measuredPages; page += 1) {
    for (const one of both) {
      const begin = performance.now();
      const { status, body } = await ask(connection, {
        method: 'GET',
        path: `/api/messages/${one.conversationId}`,
        token: one.token,
      });
      const ms = performance.now() - begin;
      const messages = body as { seq: number }[];
      if (status !== 200 || messages.length !== 50 || messages.at(-1)?.seq !== one.count) {
        throw new Error(`A page was not the newest one: ${status}, ${messages.length} messages`);
      }
      if (page >= warmUpPages) one.ms.push(ms);
    }
  }
}

async function compare(
  sori: Sori,
  people: readonly Person[],
  counts: readonly [number, number],
  say: Say,
): Promise<Report> {
  const client = await mongo.MongoClient.connect(engineUri(sori.socketPath));
  const [alice, bob, carol] = people;
  if (!alice || !bob || !carol) throw new Error('Three people are needed');
  try {
    const both: Timed[] = [];
    for (const [index, count] of counts.entries()) {
      const begin = performance.now();
      const other = index === 0 ? bob : carol;
      const conversationId = await fill(client.db(), sori, [alice, other], count);
      both.push({ conversationId, count, token: alice.token, ms: [] });
      say(`history: ${shown(count)} messages in ${shown((performance.now() - begin) / 1_000, ' s')}`);
    }
    const connection = await connectHttp(sori.port);
    await readPages(connection, both).finally(() => connection.close());
    const [small, large] = both.map(({ count, ms }) => ({
      messages: count,
      p50Ms: median(ms),
      p99Ms: quantile(ms, 0.99),
    }));
    if (!small || !large) throw new Error('Two conversations are needed');
    const times = large.p50Ms / small.p50Ms;
    return {
      title: `History: GET /api/messages/:id, the newest 50, one request at a time, ${measuredPages} of each in turn`,
      columns: ['messages', 'p50', 'p99', 'to the small one'],
      rows: [small, large].map(({ messages, p50Ms, p99Ms }) => [
        messages.toLocaleString('en'),
        shown(p50Ms, ' ms'),
        shown(p99Ms, ' ms'),
        percent(p50Ms / small.p50Ms),
      ]),
      notes: [],
      targets: [
        {
          what: `the newest page of ${large.messages.toLocaleString('en')} messages, next to that of ${small.messages.toLocaleString('en')}`,
          wanted: `no longer than ${percent(most)}`,
          measured: percent(times),
          holds: times <= most,
        },
      ],
      figures: { small, large, times },
    };
  } finally {
    await client.close();
  }
}

/** The newest page of a large conversation, next to that of a small one. */
export async function measureHistory(options: Options, say: Say): Promise<Report[]> {
  say('\nhistory: starting the server and filling the conversations');
  const sori = await startSori(options.profile);
  const people = await signUp(sori, options.million ? 5 : 3);
  const reports = [await compare(sori, people, [200, options.messages], say)];
  if (options.million) {
    const [alice, , , dave, erin] = people;
    if (!alice || !dave || !erin) throw new Error('Five people are needed');
    reports.push(await compare(sori, [alice, dave, erin], [1_000, 1_000_000], say));
  }
  await sori.stop();
  return reports;
}
