import type { Conversation, Entry } from '@sori/contract';
import { type mongo, Types } from 'mongoose';
import type { Client } from '../../testing/live.js';
import { silentPeople } from '../../testing/silent-people.js';
import { type Someone, startServer, type TestServer } from '../../testing/server.js';
import { startEngine, type TestEngine } from '../../testing/engine.js';

/** A group of 5,000 of whom few are here: what a change costs must not be read, or emitted, for all of them. */

let engine: TestEngine;
let server: TestServer;
/** Rows of members that the database answered with, and how many of them had a draft. */
let read = 0;
let drafts = 0;
/** How often members were counted. */
let counts = 0;
beforeAll(async () => {
  engine = await startEngine();
  const names = await fill();
  // Nothing is remembered here of who is in it.
  server = await startServer({
    engine: { ...engine, uri: `${engine.uri}&monitorCommands=true` },
    connected(store) {
      for (const connection of [store.connection, store.reads]) {
        const client: mongo.MongoClient = connection.getClient();
        client.on('commandStarted', ({ command }) => {
          if (command['aggregate'] === 'members') counts += 1;
        });
        client.on('commandSucceeded', ({ reply }) => {
          const { cursor, values = [] } = reply as Reply;
          const rows = cursor?.ns?.endsWith('.members') ? (cursor.firstBatch ?? cursor.nextBatch ?? []) : [];
          read += rows.length + values.length;
          drafts += rows.filter(({ draft }) => draft !== undefined).length;
        });
      }
    },
  });
  const [one, two, three] = names.map((name) => server.elsewhere({ name }));
  if (!one || !two || !three) throw new Error('three were expected');
  [anna, ben, carol] = await Promise.all([one, two, three]);
});
afterAll(async () => {
  await server.close();
  await engine.stop();
  expect(server.bugs()).toEqual([]);
});
interface Reply {
  cursor?: { ns?: string; firstBatch?: { draft?: unknown }[]; nextBatch?: { draft?: unknown }[] };
  /** Of `distinct`. */
  values?: unknown[];
}

let anna: Someone;
let ben: Someone;
let carol: Someone;
let conversationId: string;
/** By another server, which is gone then. @returns how three of them are called; the third is not in it. */
async function fill(): Promise<string[]> {
  const filling = await startServer({ engine });
  const people = await filling.people('anna', 'ben', 'carol');
  const [maker, other] = people;
  const asked = { name: 'Many', memberIds: [other._id] };
  conversationId = (await maker.post<Conversation>('/api/conversations', asked)).body._id;
  const silent = await silentPeople(filling.store.connection, maker._id, 4_997);
  const members = filling.store.connection.collection('members');
  const like = await members.findOne({ userId: new Types.ObjectId(other._id) });
  if (!like) throw new Error('nobody is in it');
  await members.insertMany(
    silent.map((id) => ({ ...like, _id: new Types.ObjectId(), userId: new Types.ObjectId(id) })),
  );
  await filling.close();
  return people.map(({ name }) => name);
}

const members = () => server.store.connection.collection('members');
const readBy = async (done: () => Promise<unknown>): Promise<number> => {
  read = 0;
  await done();
  return read;
};
const entry = async (client: Client, change: string): Promise<Entry> => {
  for (;;) {
    const received = (await client.next('entry')) as Entry;
    if (received.kind === 'member' && received.change === change) return received;
  }
};

it('coming online reads one’s own rows, however many others there are', async () => {
  let tab: Client | undefined;
  const rows = await readBy(async () => (tab = await ben.sori()));
  expect(rows).toBeLessThan(100);
  const annasTab = await anna.sori();
  expect(await annasTab.next('getOnlineUsers')).toEqual([ben._id]);
  expect(await tab?.next('presence')).toEqual({ online: [anna._id], offline: [] });
});

it('marking everything as read reads no more rows of others than may be shown', async () => {
  const own = { userId: new Types.ObjectId(ben._id) };
  await members().updateOne(own, { $set: { readSeq: 0 } });
  const rows = await readBy(async () => {
    // Its answer has no body, which `call` would take for a wrong one.
    const { status } = await fetch(`${server.url}/api/conversations/read-all`, {
      method: 'POST',
      headers: { cookie: ben.cookie },
    });
    expect(status).toBe(204);
  });
  expect(rows).toBeLessThan(100);
  expect(await members().findOne(own)).toMatchObject({ readSeq: 2 });
});

it('the list has one’s own draft and nobody else’s, and the members were counted once', async () => {
  await members().updateMany({}, { $set: { draft: { text: 'not sent yet', rev: 1 } } });
  const list = async (someone: Someone) => {
    [drafts, counts] = [0, 0];
    return (await someone.get<Conversation[]>('/api/conversations')).body;
  };
  expect(await list(ben)).toMatchObject([{ memberCount: 4_999, draft: { text: 'not sent yet' } }]);
  expect(drafts).toBe(1);
  expect(await list(anna)).toMatchObject([{ memberCount: 4_999 }]);
  expect({ drafts, counts }).toEqual({ drafts: 1, counts: 0 });
  await anna.call('POST', `/api/conversations/${conversationId}/members`, { userIds: [carol._id] });
  expect(await list(anna)).toMatchObject([{ memberCount: 5_000 }]);
  await anna.call('DELETE', `/api/conversations/${conversationId}/members/${carol._id}`);
  expect(await list(anna)).toMatchObject([{ memberCount: 4_999 }]);
});

it('somebody who joins or leaves costs the server one row, and those online one entry', async () => {
  const [annasTab, bensTab] = [await anna.sori(), await ben.sori()];
  // Now the server knows who is in it.
  await anna.say(conversationId, 'hello');
  await bensTab.next('newMessage');
  const add = () =>
    anna.call('POST', `/api/conversations/${conversationId}/members`, { userIds: [carol._id] });
  const remove = () => anna.call('DELETE', `/api/conversations/${conversationId}/members/${carol._id}`);
  for (const [change, done] of [
    ['added', add],
    ['removed', remove],
  ] as const) {
    const rows = await readBy(async () => {
      expect((await done()).status).toBe(200);
      await Promise.all([entry(annasTab, change), entry(bensTab, change)]);
      await anna.say(conversationId, `after they were ${change}`);
      await bensTab.next('newMessage');
    });
    expect(rows).toBeLessThan(500);
  }
  await bensTab.settled();
  // What the entry says need not be emitted to thousands once more.
  expect(bensTab.all('conversation')).toEqual([]);
});
