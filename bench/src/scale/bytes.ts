import type { SoriSocket } from '@sori/client';
import { mongo } from 'mongoose';
import { channels, encode } from '../../../backend/dist/servers/publications.js';
import { cpuMsOf } from '../processes.js';
import { at, nextClientId, text } from '../send/case.js';
import { openSocket } from '../sori.js';
import type { Deployment } from './deployment.js';
import type { Placement } from './measure.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Bytes of one message of 100 bytes of text between two people with one socket each. */
export interface Travelling {
  /** From its sender's socket, and back to it: the answer, and their own copy. WebSocket headers included, TLS and TCP not. */
  sent: number;
  returned: number;
  /** To the other person's socket. */
  delivered: number;
  /** To Redis and from it: two publications, each heard by one server. Redis' protocol included. */
  toRedis: number;
  fromRedis: number;
}

const messages = 100;
/** Of a frame with a length of two bytes; the client's are masked as well. */
const headerBytes = { fromServer: 4, fromClient: 8 };

/** All that goes over a socket from now on, in bytes. */
function countBytes(socket: SoriSocket) {
  const counted = { came: 0, went: 0 };
  const size = ({ data }: { data?: unknown }): number => (typeof data === 'string' ? data.length + 1 : 1);
  const { engine } = socket.io;
  engine.on('packet', (packet) => (counted.came += size(packet) + headerBytes.fromServer));
  engine.on('packetCreate', (packet) => (counted.went += size(packet) + headerBytes.fromClient));
  return counted;
}

/** One message after the other, so that nothing but what is asked for travels beside it. */
export async function measureTravelling(
  { redis }: Deployment,
  { writers, readers }: Placement,
): Promise<Travelling> {
  const [{ socket, to }, reader] = [at(writers, 0), at(readers, 0)];
  const [own, other] = [countBytes(socket), countBytes(reader)];
  const before = await redis.info();
  for (let count = 0; count < messages; count += 1) {
    const arrived = new Promise((resolve) => reader.once('newMessage', resolve));
    await new Promise((resolve) => {
      socket.emit('message:send', { to, message: text, clientId: nextClientId() }, resolve);
    });
    await arrived;
  }
  const after = await redis.info();
  return {
    sent: own.went / messages,
    returned: own.came / messages,
    delivered: other.came / messages,
    toRedis: (after.bytesIn - before.bytesIn) / messages,
    fromRedis: (after.bytesOut - before.bytesOut) / messages,
  };
}

/** Bytes that stay, each for one row: as BSON, in the file, and in the files of its indexes. */
export interface Stored {
  entries: number;
  entry: number;
  entryOnDisk: number;
  entryIndexes: number;
  conversation: number;
}

interface Stats {
  count: number;
  size: number;
  storageSize: number;
  totalIndexSize: number;
}

/** As the database says once all that it has is in its files. */
export async function measureStored({ databaseUri }: Deployment): Promise<Stored> {
  const client = await mongo.MongoClient.connect(databaseUri);
  try {
    // Sizes of files are those of the last checkpoint.
    await client.db('admin').command({ fsync: 1 });
    const of = async (collection: string): Promise<Stats> =>
      (await client.db().command({ collStats: collection })) as unknown as Stats;
    const entries = await of('entries');
    const conversations = await of('conversations');
    return {
      entries: entries.count,
      entry: entries.size / entries.count,
      entryOnDisk: entries.storageSize / entries.count,
      entryIndexes: entries.totalIndexSize / entries.count,
      conversation: conversations.size / conversations.count,
    };
  } finally {
    await client.close();
  }
}

/** Of one socket: what the server holds for it, and processor time to connect it, in bytes and microseconds. */
export interface Held {
  bytes: number;
  connectUs: number;
}

const held = 1_000;
const atOnce = 50;

/** Many sockets of a few people. `npm run bench -- sockets` has it in more detail. */
export async function measureHeld(deployment: Deployment): Promise<Held> {
  const [pid = 0] = deployment.serverPids();
  const people = deployment.newPeople(20);
  const address = at(deployment.addresses, 0);
  const open = async (count: number): Promise<SoriSocket[]> => {
    const sockets: SoriSocket[] = [];
    for (let start = 0; start < count; start += atOnce) {
      const some = Array.from({ length: atOnce }, (_, index) => openSocket({ address }, at(people, index)));
      sockets.push(...(await Promise.all(some)));
    }
    return sockets;
  };
  // The first ones compile what all the others use.
  const first = await open(4 * atOnce);
  const before = await deployment.look();
  const cpuMs = cpuMsOf(pid);
  const sockets = await open(held);
  await sleep(500);
  const connectUs = ((cpuMsOf(pid) - cpuMs) * 1_000) / held;
  const bytes = ((await deployment.look()).heapBytes - before.heapBytes) / held;
  for (const socket of [...first, ...sockets]) socket.disconnect();
  return { bytes, connectUs };
}

/** What a server takes for those who are connected to others. Bytes, and microseconds of processor time. */
export interface Elsewhere {
  /** What it holds for each of them. */
  bytes: number;
  /** For each who comes. */
  arrivalUs: number;
  /** Of the publication, for each who comes. */
  publishedBytes: number;
  /** For each time that another server says that it is there. */
  heartbeatUs: number;
}

const strangers = 40_000;
const described = 500;
/** Of somebody: direct conversations and groups. */
const known = { people: 20, groups: 5 };
const heartbeats = 20_000;

/** Plays another server, that says that it has this many people, and that it is there. */
export async function measureElsewhere(deployment: Deployment): Promise<Elsewhere> {
  const { redis } = deployment;
  const [pid = 0] = deployment.serverPids();
  const sender = Buffer.from(new mongo.ObjectId().id);
  const channel = (await redis.channels()).find((name) => name.endsWith(`:${channels.servers}`)) ?? '';
  const ids = (count: number): mongo.ObjectId[] => Array.from({ length: count }, () => new mongo.ObjectId());
  const groups = ids(strangers / 4);
  const parts = Array.from({ length: strangers / described }, (_, number) =>
    encode(sender, 'presence', {
      serverId: 'elsewhere',
      number,
      left: [],
      arrived: ids(described).map((userId, index) => ({
        userId,
        people: ids(known.people),
        groups: Array.from({ length: known.groups }, (_, group) =>
          at(groups, index * 7 + group * 1_001 + number),
        ),
        blocks: [],
      })),
    }),
  );
  const took = async (messages: readonly Buffer[]): Promise<number> => {
    const before = cpuMsOf(pid);
    await redis.publish(channel, messages);
    await sleep(2_000);
    return (cpuMsOf(pid) - before) * 1_000;
  };
  const before = await deployment.look();
  const arrivals = await took(parts);
  const bytes = ((await deployment.look()).heapBytes - before.heapBytes) / strangers;
  // A number that is no news: nobody is asked for.
  const alive = encode(sender, 'alive', { serverId: 'beating', number: -1 });
  const beats = await took(Array.from({ length: heartbeats }, () => alive));
  return {
    bytes,
    arrivalUs: arrivals / strangers,
    publishedBytes: parts.reduce((all, { length }) => all + length, 0) / strangers,
    heartbeatUs: beats / heartbeats,
  };
}
