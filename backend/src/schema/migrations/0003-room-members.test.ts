import type { Conversation, EnteredRoom, Message } from '@sori/contract';
import { Types } from 'mongoose';
import pino from 'pino';
import { until } from '../../testing/program.js';
import { startEngine, type TestEngine } from '../../testing/engine.js';
import { type Someone, startServer, type TestServer } from '../../testing/server.js';
import { requireProgram } from '../versions.js';
import { roomMembers } from './0003-room-members.js';

let engine: TestEngine;
let server: TestServer;
let alice: Someone;
let bob: Someone;
let carol: Someone;
let room: EnteredRoom;
beforeAll(async () => {
  engine = await startEngine();
  server = await startServer({ engine });
  [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
});
afterAll(async () => {
  await server.close();
  await engine.stop();
  expect(server.bugs()).toEqual([]);
});
beforeEach(async () => {
  const { body } = await alice.post<EnteredRoom>('/api/rooms', { name: 'Old', language: 'en' });
  room = body;
  for (const one of [bob, carol]) await one.post(`/api/rooms/${room.slug}/enter`, {});
  await alice.say(room._id, 'first');
  await bob.call('PUT', `/api/conversations/${room._id}/read`, { seq: 2 });
  await carol.post(`/api/rooms/${room.slug}/leave`, {});
});

const rows = (name: string) => server.store.connection.collection(name);
const roomId = () => new Types.ObjectId(room._id);
const membersOf = () =>
  rows('members').find({ conversationId: roomId() }, { projection: { _id: 0, conversationId: 0 } });
const idOf = ({ _id }: Someone) => new Types.ObjectId(_id);

/** The room as an earlier program stored it, with these people in it besides alice and bob. */
async function makeOld(...others: Types.ObjectId[]): Promise<void> {
  const conversationId = roomId();
  // A server that stops stores what it writes behind; this one goes on.
  await until(
    async () => (await rows('conversations').findOne({ _id: conversationId }))?.['appliedSeq'] === 2,
  );
  await rows('members').updateMany({ conversationId }, { $unset: { firstSeq: '', leftSeq: '' } });
  const participants = [alice, bob].map(idOf).concat(others);
  await rows('conversations').updateOne({ _id: conversationId }, { $set: { participants } });
  // What carol read a moment after she had left.
  const own = { role: 'member', joinSeq: 0, readSeq: 2, deliveredSeq: 2 };
  await rows('members').insertOne({ conversationId, userId: idOf(carol), ...own });
}

const run = (changed: (count: number) => void = () => undefined) =>
  roomMembers.run({ store: server.store, log: pino({ level: 'silent' }), changed });

describe('the people of a room of before its members were in one place', () => {
  it('are in it as before, with what they have read, and who left is not', async () => {
    const guest = new Types.ObjectId();
    await makeOld(guest);
    await run();
    const stored = await membersOf().toArray();
    expect(stored.map(({ userId }) => String(userId)).sort()).toEqual(
      [alice._id, bob._id, guest.toHexString()].sort(),
    );
    const begins = { firstSeq: 1, leftSeq: 0, joinSeq: 0 };
    expect(stored.find(({ userId }) => idOf(alice).equals(String(userId)))).toMatchObject({
      ...begins,
      role: 'owner',
    });
    // Whoever had no row of their own has read what was there.
    expect(stored.find(({ userId }) => guest.equals(String(userId)))).toMatchObject({
      ...begins,
      role: 'member',
      readSeq: 2,
      joinedAt: expect.any(Date) as Date,
    });
    expect(await rows('conversations').findOne({ _id: roomId() })).toMatchObject({ participants: [] });
    // For a server that starts now, which is the same one here.
    const { body: seen } = await bob.get<Conversation>(`/api/conversations/${room._id}`);
    expect(seen).toMatchObject({ memberCount: 3, unread: 0 });
    expect((await bob.get<Message[]>(`/api/messages/${room._id}`)).body).toHaveLength(1);
    expect((await carol.get(`/api/messages/${room._id}`)).status).toBe(404);
    expect((await carol.post<EnteredRoom>(`/api/rooms/${room.slug}/enter`, {})).body.memberCount).toBe(4);
  });

  it('are the same where it was broken off in the middle, and done twice', async () => {
    const crowd = Array.from({ length: 1_200 }, () => new Types.ObjectId());
    await makeOld(...crowd);
    let batches = 0;
    const stop = () => {
      batches += 1;
      if (batches === 2) throw new Error('stopped');
    };
    await expect(run(stop)).rejects.toThrow('stopped');
    expect(await rows('members').countDocuments({ conversationId: roomId(), leftSeq: 0 })).toBe(1_000);
    await run();
    const once = await membersOf().toArray();
    expect(once).toHaveLength(1_202);
    expect(once.every(({ leftSeq }) => leftSeq === 0)).toBe(true);
    let changed = 0;
    await run((count) => (changed += count));
    expect(changed).toBe(0);
    expect(await membersOf().toArray()).toEqual(once);
  });

  it('are not looked for where they were by an older program, which does not start any more', async () => {
    await expect(requireProgram(server.store.connection, 1)).rejects.toThrow('at least program version 2');
  });
});
