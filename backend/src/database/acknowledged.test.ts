import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connection, Schema } from 'mongoose';
import { startEngine, type TestEngine } from '../testing/engine.js';
import { startServer, type TestServer } from '../testing/server.js';
import { connectDatabase } from './connect.js';

interface Concern {
  w?: unknown;
  j?: unknown;
  wtimeout?: unknown;
}
type Command = Record<string, unknown> & { writeConcern?: Concern; readConcern?: { level: string } };

/** The commands by which something is stored, and read. */
const storing = ['insert', 'update', 'delete', 'findAndModify'];
const reading = ['find', 'aggregate', 'count', 'distinct'];
/** A majority, however long it takes: after a limit the write would be there all the same, and nobody could say so. */
const isByMajority = ({ w, j, wtimeout = 0 }: Concern = {}): boolean =>
  w === 'majority' && j === true && wtimeout === 0;

/** What was stored where, and what its acknowledgement waited for. */
const writes: { where: string; writeConcern: Concern | undefined }[] = [];
const reads: { where: string; readConcern: unknown }[] = [];

let engine: TestEngine;
let server: TestServer;
beforeAll(async () => {
  engine = await startEngine();
  server = await startServer({
    // Whoever names a replica set may have put into its address what suits other programs.
    engine: {
      ...engine,
      uri: `${engine.uri}&monitorCommands=true&w=1&wtimeoutMS=1&readConcernLevel=local`,
    },
    database: {
      callTimeoutMs: 30_000,
      serverSelectionTimeoutMs: 30_000,
      hello: { setName: 'rs0' },
    },
    settings: { OPEN_LOBBY: '1' },
    connected(store) {
      for (const connection of [store.connection, store.reads, store.upkeep]) {
        connection.getClient().on('commandStarted', ({ commandName, command }) => {
          const { writeConcern, readConcern, ...asked } = command as Command;
          const where = String(asked[commandName]);
          if (storing.includes(commandName)) writes.push({ where, writeConcern });
          if (reading.includes(commandName)) reads.push({ where, readConcern: readConcern?.level });
        });
      }
    },
  });
});
afterAll(async () => {
  await server.close();
  await engine.stop();
});

const ok = async (asked: Promise<{ status: number; body: unknown }>): Promise<void> => {
  const { status, body } = await asked;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
};

describe('on a replica set, whatever its address says', () => {
  it('everything that is acknowledged or decided on is written to a majority', async () => {
    const [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
    const code = (await readFile(join(engine.dataDir, 'admin-code'), 'utf8')).trim();
    await ok(alice.call('POST', '/api/me/admin', { code }));

    const { _id, conversationId } = await alice.say(bob._id, 'hello');
    await ok(bob.call('PUT', `/api/conversations/${conversationId}/read`, { seq: 1 }));
    await ok(bob.call('PUT', `/api/messages/${_id}/reactions/👍`));
    await ok(alice.call('PATCH', `/api/messages/${_id}`, { message: 'hello again' }));
    await ok(bob.call('PATCH', '/api/me/settings', { receipts: false }));
    await ok(bob.call('PUT', `/api/users/${alice._id}/block`));
    await ok(bob.call('POST', '/api/reports', { userId: carol._id, reason: 'rude' }));
    await ok(alice.call('POST', `/api/admin/users/${carol._id}/suspension`));

    const room = { name: 'Room', slug: 'room', language: 'en', retentionHours: 24 };
    await ok(alice.call('POST', '/api/rooms', room));
    const guest = await server.guest('room', 'visitor');
    await ok(alice.call('POST', '/api/rooms/room/ban', { userId: guest._id }));
    await ok(bob.call('POST', '/api/conversations', { name: 'Group', memberIds: [] }));
    await ok(bob.call('POST', '/api/auth/logout'));

    const promised = ['audit', 'bans', 'blocks', 'conversations', 'entries', 'guests', 'members', 'meta'];
    const decided = ['reports', 'sessions', 'settings', 'users', 'versions', 'visitors'];
    expect([...new Set(writes.map(({ where }) => where))].sort()).toEqual(
      expect.arrayContaining([...promised, ...decided]),
    );
    expect(writes.filter(({ writeConcern }) => !isByMajority(writeConcern))).toEqual([]);
  });

  it('nothing is read that could still vanish', () => {
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.filter(({ readConcern }) => readConcern !== 'majority')).toEqual([]);
  });
});

/** Each way to write that the server knows, none of which says what it waits for. */
async function writeInEveryWay(connection: Connection): Promise<void> {
  const rows = connection.collection<{ _id: string; n: number }>('tried');
  await rows.insertOne({ _id: 'a', n: 0 });
  await rows.insertMany([{ _id: 'b', n: 0 }], { ordered: true });
  await rows.updateOne({ _id: 'c' }, { $set: { n: 1 } }, { upsert: true });
  await rows.updateMany({}, { $inc: { n: 1 } });
  await rows.findOneAndUpdate({ _id: 'a' }, { $inc: { n: 1 } });
  await rows.bulkWrite([{ updateOne: { filter: { _id: 'a' }, update: { $inc: { n: 1 } } } }], {
    ordered: false,
  });
  await rows.deleteOne({ _id: 'a' });
  await rows.deleteMany({});

  const Tried = connection.model('Tried', new Schema({ n: Number }, { collection: 'tried-by-model' }));
  const { _id } = await Tried.create({ n: 1 });
  await Tried.insertMany([{ n: 2 }]);
  await Tried.updateOne({ n: 3 }, { $set: { n: 3 } }, { upsert: true });
  await Tried.updateMany({}, { $inc: { n: 1 } });
  await Tried.findOneAndUpdate({ _id }, { $inc: { n: 1 } });
  await Tried.bulkWrite([{ updateOne: { filter: { _id }, update: { $inc: { n: 1 } } } }], { ordered: false });
  await Tried.deleteOne({ _id });
  await Tried.deleteMany({});
}

describe('a write without a write concern of its own', () => {
  it.each([
    ['one server', {}, { w: 1, j: true, wtimeout: 0 }],
    ['a replica set', { setName: 'rs0' }, { w: 'majority', j: true, wtimeout: 0 }],
  ])('waits on %s until it is durable, over whichever connection it goes', async (_, hello, awaited) => {
    const store = await connectDatabase(`${engine.uri}&monitorCommands=true`, { hello });
    try {
      for (const connection of [store.connection, store.reads, store.upkeep]) {
        const said: (Concern | undefined)[] = [];
        connection.getClient().on('commandStarted', ({ commandName, command }) => {
          if (storing.includes(commandName)) said.push((command as Command).writeConcern);
        });
        await writeInEveryWay(connection);
        expect(said).toEqual(Array.from({ length: 16 }, () => awaited));
      }
    } finally {
      await store.close();
    }
  });
});
