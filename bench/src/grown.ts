import { mongo } from 'mongoose';
import { engineUri } from '../../backend/dist/database/embedded/launch.js';
import { connectHttp, type HttpConnection } from './http-client.js';
import type { Options } from './options.js';
import { type Report, shown, type Say } from './report.js';
import { addPeople, type Person, signUp, type Sori, startSori } from './sori.js';
import { median } from './statistics.js';

const mostMs = 300;
const turns = 15;
const writtenAtOnce = 5_000;
const messages = 50;
/** The most whom one message takes. */
const reactors = 5_000;

type Row = Record<string, unknown> & { senderId: mongo.ObjectId };

/** A direct conversation whose log is as `rowAt` has it, put into the database as the rows that the server makes. */
async function grow(
  database: mongo.Db,
  participants: mongo.ObjectId[],
  headSeq: number,
  rowAt: (seq: number) => Row,
): Promise<string> {
  const conversationId = new mongo.ObjectId();
  const at = new Date();
  for (let start = 1; start <= headSeq; start += writtenAtOnce) {
    const rows = Array.from({ length: Math.min(writtenAtOnce, headSeq - start + 1) }, (_, index) => {
      const seq = start + index;
      const own = { conversationId, seq, clientId: `g${seq}`, payloadHash: '', at, updatedAt: at };
      const message = { kind: 'message', message: 'Sori!', attachments: [], reactions: [] };
      return { ...own, messageCount: seq, membersVersion: 0, ...message, ...rowAt(seq) };
    });
    await database.collection('entries').insertMany(rows, { writeConcern: { w: 1, j: false } });
  }
  const head = { appliedSeq: headSeq, lastMessageSeq: headSeq, headAt: at, lastActivityAt: at };
  await database
    .collection('conversations')
    .insertOne({ _id: conversationId, kind: 'direct', participants, createdAt: at, ...head });
  return conversationId.toHexString();
}

async function addGroups(database: mongo.Db, userId: mongo.ObjectId, count: number): Promise<void> {
  const at = new Date();
  const rows = Array.from({ length: count }, (_, index) => ({
    _id: new mongo.ObjectId(),
    kind: 'group',
    participants: [],
    name: `Group ${index}`,
    createdAt: at,
    appliedSeq: 1,
    headAt: at,
    lastActivityAt: new Date(at.getTime() - index * 1_000),
    membersVersion: 1,
  }));
  const joined = { role: 'owner', joinSeq: 1, joinedAt: at, firstSeq: 1, leftSeq: 0, memberSeq: 1 };
  await database.collection<{ _id: mongo.ObjectId }>('conversations').insertMany(rows);
  await database
    .collection('members')
    .insertMany(
      rows.map(({ _id }) => ({ conversationId: _id, userId, ...joined, readSeq: 1, deliveredSeq: 1 })),
    );
}

/** @returns the times of some turns, in milliseconds */
async function timed(connection: HttpConnection, { token }: Person, path: string): Promise<number[]> {
  const ms: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const begin = performance.now();
    const status = await new Promise<number>((resolve, reject) => {
      connection.ask({ method: 'GET', path, headers: `Cookie: jwt=${token}\r\n` }, (error, answer) => {
        if (error) reject(error);
        else resolve(answer.status);
      });
    });
    if (status !== 200) throw new Error(`${path} was answered with ${status}`);
    ms.push(performance.now() - begin);
  }
  return ms;
}

interface Case {
  what: string;
  person: Person;
  path: string;
}

async function fill(database: mongo.Db, sori: Sori, say: Say): Promise<Case[]> {
  const [many, fifty, own, few, ...rest] = await signUp(sori, 5);
  const [grouped] = rest;
  if (!many || !fifty || !own || !few || !grouped) throw new Error('Five people are needed');
  const silent = (await addPeople(sori, many, 50)).map((id) => new mongo.ObjectId(id));
  const [other] = silent;
  if (!other) throw new Error('Somebody who writes is needed');
  const id = ({ _id }: Person) => new mongo.ObjectId(_id);
  const list = '/api/conversations';
  say('grown: a million messages that are unread, and a million among which two are');
  await grow(database, [id(many), other], 1_000_000, () => ({ senderId: other }));
  const own2 = (seq: number) => seq === 1 || seq === 1_000_000;
  await grow(database, [id(own), other], 1_000_000, (seq) => ({ senderId: own2(seq) ? other : id(own) }));
  say('grown: fifty conversations of 5,000 that are unread');
  for (const one of silent) await grow(database, [id(fifty), one], 5_000, () => ({ senderId: one }));
  say('grown: half a million reactions to fifty messages');
  const reactTo = (seq: number) => ({ kind: 'react', targetSeq: 1 + (seq % messages), emojis: ['👍'] });
  const reacted = await grow(database, [id(few), other], 500_000 + messages, (seq) => ({
    senderId: other,
    ...(seq > messages ? reactTo(seq) : {}),
  }));
  say(`grown: fifty messages to each of which ${reactors} people have reacted`);
  const crowd = Array.from({ length: reactors }, () => new mongo.ObjectId());
  const crowded = await grow(database, [id(own), silent[1] ?? other], messages, (at) => ({
    senderId: other,
    reactions: crowd.map((userId, index) => ({ userId, emojis: ['👍'], seq: at + index })),
  }));
  await addGroups(database, id(grouped), 5_037);
  return [
    { what: 'the list with 1,000,000 unread', person: many, path: list },
    { what: 'the list with 2 unread among 1,000,000 of one’s own', person: own, path: list },
    { what: 'the list of 50 conversations with 5,000 unread each', person: fifty, path: list },
    {
      what: 'the newest page of 50 messages with 500,000 reactions',
      person: few,
      path: `/api/messages/${reacted}`,
    },
    {
      what: `the newest page of 50 messages with ${reactors} reactors each`,
      person: own,
      path: `/api/messages/${crowded}`,
    },
    { what: 'the list of somebody in 5,037 groups', person: grouped, path: list },
  ];
}

/** What is asked most of data that has grown. Each has a bound, an index or a budget, and answers at once. */
export async function measureGrown(options: Options, say: Say): Promise<Report> {
  say('\ngrown: starting the server and filling its database: a few minutes');
  const sori = await startSori(options.profile);
  const client = await mongo.MongoClient.connect(engineUri(sori.socketPath));
  try {
    const cases = await fill(client.db(), sori, say);
    const connection = await connectHttp(sori.port);
    const measured: { what: string; p50Ms: number; mostMs: number }[] = [];
    for (const { what, person, path } of cases) {
      const ms = await timed(connection, person, path);
      measured.push({ what, p50Ms: median(ms), mostMs: Math.max(...ms) });
    }
    connection.close();
    return {
      title: `Grown: one request at a time, ${turns} of each`,
      columns: ['', 'p50', 'slowest'],
      rows: measured.map(({ what, p50Ms, mostMs: slowest }) => [
        what,
        shown(p50Ms, ' ms'),
        shown(slowest, ' ms'),
      ]),
      notes: [],
      targets: measured.map(({ what, p50Ms }) => ({
        what,
        wanted: `under ${mostMs} ms`,
        measured: shown(p50Ms, ' ms'),
        holds: p50Ms < mostMs,
      })),
      figures: measured,
    };
  } finally {
    await client.close();
    await sori.stop();
  }
}
