import type { Conversation } from '@sori/contract';
import pino from 'pino';
import { type Someone, startServer, type TestServer } from '../../testing/server.js';
import { joinedAt } from './0004-joined-at.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.close();
  expect(server.bugs()).toEqual([]);
});

const listOf = async (person: Someone) => (await person.get<Conversation[]>('/api/conversations')).body;
const run = (changed: (rows: number) => void = () => undefined) =>
  joinedAt.run({ store: server.store, log: pino({ level: 'silent' }), changed });

it('people of before it was kept came into a group by their entry, and into a room when it was made', async () => {
  const [owner, late] = await server.people('owner', 'late');
  const form = { name: 'Old', memberIds: [] };
  const { body: group } = await owner.post<Conversation>('/api/conversations', form);
  await owner.post(`/api/conversations/${group._id}/members`, { userIds: [late._id] });
  const { body: room } = await owner.post<Conversation>('/api/rooms', { name: 'Kitchen', language: 'en' });
  await owner.say(late._id, 'between the two of us');
  const [before, ofLate] = [await listOf(owner), await listOf(late)];
  const members = server.store.connection.collection('members');
  await members.updateMany({}, { $unset: { joinedAt: '' } });

  let filled = 0;
  await run((rows) => (filled += rows));
  expect(filled).toBe(3);
  expect(await listOf(late)).toEqual(ofLate);
  const after = await listOf(owner);
  expect(after.map(({ _id }) => _id)).toEqual(before.map(({ _id }) => _id));
  const timeOf = (list: Conversation[], id: string) => list.find(({ _id }) => _id === id)?.joinedAt;
  expect(timeOf(after, group._id)).toBe(timeOf(before, group._id));
  const rooms = server.store.connection.collection<{ slug: string; createdAt: Date }>('conversations');
  const made = await rooms.findOne({ slug: String(room.slug) });
  expect(timeOf(after, room._id)).toBe(made?.createdAt.toISOString());
  // Again is once.
  await run(() => {
    throw new Error('there is nothing left to do');
  });
});
