import type { EnteredRoom, OpenUpdate, RoomHere, RoomPerson } from '@sori/contract';
import { Types } from 'mongoose';
import { countInMemory, type CountIn } from '../../limits/limit.js';
import { startEngine, type TestEngine } from '../../testing/engine.js';
import type { Client } from '../../testing/live.js';
import { type Someone, startServer, type TestServer } from '../../testing/server.js';
import { lookAlikeKey } from './look-alike.js';
import { lobbyId } from './room-id.js';

/** Those who would have a room receive nothing but their coming and going. */

const most = 6;
const perAddress = most * 5;
const budget = 4;
let engine: TestEngine;
/** Where people are counted, and one where only the room is. */
let counting: TestServer;
let crowded: TestServer;

/** Windows that do not end while a test runs, however slow the machine is. */
const countIn: CountIn = (window) => {
  const memory = countInMemory({ ...window, windowSeconds: 3_600 });
  if (window.name !== 'comings') return memory;
  const spent = countInMemory({ name: 'spent', most: 0, windowSeconds: 1 });
  return {
    // Once it is spent, a room receives the rest every second.
    consume: (key, points) => memory.consume(key, points).catch(() => spent.consume(key)),
    reward: (key) => memory.reward(key),
    delete: (key) => memory.delete(key),
  };
};

beforeAll(async () => {
  engine = await startEngine();
  const proxy = { TRUST_PROXY_HOPS: '1' };
  counting = await startServer({
    engine,
    countIn,
    settings: { ...proxy, LIMIT_SENDS_PER_USER_10S: String(most), LIMIT_ROOMS_PER_USER_HOUR: '2' },
  });
  crowded = await startServer({
    engine,
    countIn,
    settings: { ...proxy, LIMIT_COMINGS_PER_ROOM_10S: String(budget) },
  });
});
afterEach(() => {
  counting.leave();
  crowded.leave();
});
afterAll(async () => {
  const bugs = [...counting.bugs(), ...crowded.bugs()];
  await Promise.all([counting.close(), crowded.close()]);
  await engine.stop();
  expect(bugs).toEqual([]);
});

const at = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
const plain = (address: string, on = counting): Client => on.connect({ extraHeaders: at(address) }, '/open');
const named = async (address: string, nickname: string, on = counting): Promise<Client> => {
  const client = plain(address, on);
  expect(await client.ask('newUser', nickname)).toMatchObject({ ok: true });
  return client;
};
interface Refusal {
  status: number;
  headers: Headers;
  body: { code?: string };
}
const isLimited = ({ status, headers, body }: Refusal): boolean =>
  status === 429 && body.code === 'RATE_LIMITED' && Number(headers.get('retry-after')) > 0;
/** How often this went well before it was too often. */
async function countOf(go: (time: number) => Promise<Refusal>): Promise<number> {
  for (let time = 0; time < 1_000; time += 1) {
    const answer = await go(time);
    if (isLimited(answer)) return time;
    expect(answer.status).toBeLessThan(300);
  }
  throw new Error('it never was too often');
}
const post = (who: Someone, path: string, address: string, body?: object) =>
  who.post<{ code?: string }>(path, body, at(address));
const room = async (owner: Someone, slug: string): Promise<EnteredRoom> =>
  (await owner.post<EnteredRoom>('/api/rooms', { name: slug, slug, language: 'en' })).body;

describe('somebody who does the same thing again and again', () => {
  it('enters and leaves a room, or enters one that they are in already, only so often', async () => {
    const [bob, carol] = await counting.people('bob', 'carol');
    const goes = await countOf((time) =>
      post(bob, `/api/rooms/lobby/${time % 2 === 0 ? 'enter' : 'leave'}`, '198.51.100.1'),
    );
    expect(goes).toBe(most);
    // It is a send like any other, and counts for no one else.
    expect((await bob.post(`/api/messages/send/${carol._id}`, { message: 'hi' })).status).toBe(429);
    expect(await countOf(() => post(carol, '/api/rooms/lobby/enter', '198.51.100.1'))).toBe(most);
  });

  it('takes new names as a guest only so often', async () => {
    const guest = await counting.guest('lobby');
    const goes = await countOf((time) =>
      post(guest, '/api/rooms/lobby/enter', '198.51.100.2', { nickname: `n${time}` }),
    );
    expect(goes).toBe(most);
  });

  it('opens only so many rooms, of which only created ones count', async () => {
    const owner = await counting.person('owner');
    const open = (slug: string) =>
      owner.post<{ code?: string }>('/api/rooms', { name: slug, slug, language: 'en' });
    expect((await open('mine')).status).toBe(201);
    for (const _time of [1, 2]) expect((await open('mine')).status).toBe(409);
    expect((await open('second')).status).toBe(201);
    expect(isLimited(await open('third'))).toBe(true);
    // And a room is a send.
    const other = await counting.person('other');
    for (let time = 0; time < most; time += 1) await post(other, '/api/rooms/lobby/enter', '198.51.100.3');
    expect(isLimited(await other.post('/api/rooms', { name: 'x', language: 'en' }))).toBe(true);
  });

  it('leaves a group only so often, and nothing is read for what is refused', async () => {
    const [leaver, other] = await counting.people('leaver', 'other');
    const asked = { name: 'Us', memberIds: [leaver._id] };
    const { _id } = (await other.post<{ _id: string }>('/api/conversations', asked)).body;
    for (let time = 0; time < most; time += 1) await post(leaver, '/api/rooms/lobby/enter', '198.51.100.9');
    const read = jest.spyOn(counting.store.reads.model('Member'), 'find');
    expect(isLimited(await leaver.post(`/api/conversations/${_id}/leave`))).toBe(true);
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
  });

  it('sends others away only so often', async () => {
    const owner = await counting.person('ruler');
    const { slug } = await room(owner, 'ruled');
    const answers: Refusal[] = [];
    for (let time = 0; time < most; time += 1)
      answers.push(await post(owner, `/api/rooms/${slug}/kick`, '198.51.100.4', { userId: 'f'.repeat(24) }));
    expect(answers.slice(0, most - 1).map(({ status }) => status)).toEqual(Array(most - 1).fill(404));
    expect(answers.slice(most - 1).every(isLimited)).toBe(true);
  });
});

describe('an address', () => {
  it('is what people without an account are counted by: guest after guest, and plain client after plain client', async () => {
    const newGuest = (address: string) =>
      counting.ask<{ code?: string }>('/api/rooms/lobby/enter', { method: 'POST', headers: at(address) });
    expect(await countOf(() => newGuest('203.0.113.1'))).toBe(most);
    expect((await newGuest('203.0.113.2')).status).toBe(200);

    for (let time = 0; time < most; time += 1) (await named('203.0.113.3', 'again')).socket.disconnect();
    const limited = { ok: false, code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) as number };
    expect(await plain('203.0.113.3').ask('newUser', 'again')).toMatchObject(limited);
    expect(isLimited(await newGuest('203.0.113.3'))).toBe(true);
    await named('203.0.113.4', 'again');
  });

  it('sends only so many messages, whoever writes them', async () => {
    const clients = await Promise.all(Array.from({ length: most }, (_, n) => named('203.0.113.5', `w${n}`)));
    const say = (client: Client) => client.ask('message', { type: 'message', message: 'x' });
    const replies: Record<string, unknown>[] = [];
    for (let time = 0; time < most; time += 1) for (const client of clients) replies.push(await say(client));
    expect(replies.filter(({ ok }) => ok)).toHaveLength(perAddress);
    expect(replies.at(-1)).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await say(await named('203.0.113.6', 'calm'))).toMatchObject({ ok: true });
  });
});

describe('a room into which many come at once', () => {
  it('receives them together once its budget is spent; and each list is right in the end', async () => {
    const [alice, bob] = await crowded.people('alice', 'bob');
    for (const one of [alice, bob]) await one.post('/api/rooms/lobby/enter');
    const page = await alice.sori();
    const watcher = await named('192.0.2.1', 'watcher', crowded);
    const chat = plain('192.0.2.1', crowded);
    await chat.ask('client-server-chat', { type: 'notice', userName: 'chat', message: '' });
    // These four have spent the budget of the room.
    const list = async (): Promise<RoomPerson[]> =>
      (await alice.get<RoomPerson[]>('/api/rooms/lobby/here')).body;
    const held = new Map((await list()).map((one) => [one._id, one.name]));
    const heldBefore = held.size;
    await Promise.all([watcher.settled(), chat.settled(), page.settled()]);
    const before = watcher.all('update').length;
    const chatBefore = chat.all('server-client-chat').length;

    const guests: Awaited<ReturnType<TestServer['guest']>>[] = [];
    for (let n = 0; n < 6; n += 1) guests.push(await crowded.guest('lobby', `crowd ${n}`));
    // The first one is in the list that somebody asks for meanwhile, and only passes through.
    for (const one of await list()) held.set(one._id, one.name);
    await guests[0]?.post('/api/rooms/lobby/leave');
    await guests[1]?.post('/api/rooms/lobby/enter', { nickname: 'renamed' });
    await bob.post('/api/rooms/lobby/leave');

    const sorted = (people: Iterable<readonly [string, string]>): string => [...people].sort().join();
    const isRight = async (): Promise<boolean> =>
      sorted(held) === sorted((await list()).map(({ _id, name }) => [_id, name] as const));
    for (let notices = 0; notices === 0 || !(await isRight()); notices += 1) {
      const notice = (await page.next('room:here')) as RoomHere;
      expect(notice.conversationId).toBe(lobbyId);
      for (const { _id, name } of notice.joined) held.set(_id, name);
      for (const id of notice.left) held.delete(id);
    }
    await Promise.all([watcher.settled(), chat.settled()]);
    const updates = watcher.all('update').slice(before) as OpenUpdate[];
    const many = (type: OpenUpdate['type'], how: RegExp): number =>
      updates
        .filter((update) => update.type === type)
        .reduce((sum, { name, message }) => sum + (name === '' ? Number(how.exec(message)?.[1]) : 1), 0);
    const came = many('connect', /^(\d+)명이 입장했습니다\.$/);
    const went = many('disconnect', /^(\d+)명이 나갔습니다\.$/);
    expect(came - went).toBe(held.size - heldBefore);
    expect(came).toBeGreaterThan(1);
    // However many windows it took: none of them is announced by name.
    expect(updates.map(({ name }) => name).join('')).toBe('');
    expect(chat.all('server-client-chat').slice(chatBefore)).toEqual(
      updates.map(({ name, message }) => ({ type: 'notice', userName: name, message })),
    );
  });
});

describe('a room with more people than anybody reads', () => {
  it('lists the first thousand, and has a name for one more of the many who have none', async () => {
    const owner = await crowded.person('host');
    const { _id, slug } = await room(owner, 'full');
    const at = new Date(Date.now() + 1_000);
    const rows = Array.from({ length: 1_500 }, (_, n) => {
      const name = n === 0 ? 'Anonymous' : `Anonymous${n + 1}`;
      const nameKey = lookAlikeKey(name);
      const ids = { conversationId: new Types.ObjectId(_id), userId: new Types.ObjectId() };
      return { ...ids, guest: true, name, nameKey, claim: nameKey, here: true, hereSince: at, seenAt: at };
    });
    await crowded.store.connection.collection('visitors').insertMany(rows);
    expect((await crowded.guest(slug, '')).name).toBe('Anonymous1501');
    const { body } = await owner.get<RoomPerson[]>(`/api/rooms/${slug}/here`);
    expect(body).toHaveLength(1_000);
    expect(body[0]?._id).toBe(owner._id);
  });
});
