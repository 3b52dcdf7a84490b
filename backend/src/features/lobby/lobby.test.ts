import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenUpdate, RoomHere, RoomPerson } from '@sori/contract';
import { type Client, refusal } from '../../testing/live.js';
import { startServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';
import { lobbyId } from '../rooms/room-id.js';

const server = useServer();
afterEach(() => server.leave());

/** A plain client of the lobby. */
const knock = (on = server): Client => on.connect({}, '/open');
const come = async (): Promise<Client> => {
  const client = knock();
  await new Promise((resolve, reject) => {
    client.socket.once('connect', () => resolve(undefined));
    client.socket.once('connect_error', reject);
  });
  return client;
};
const named = async (nickname: unknown): Promise<Client & { name: unknown }> => {
  const client = await come();
  const { name } = await client.ask('newUser', nickname);
  return { ...client, name };
};
const updates = (client: Client): OpenUpdate[] => client.all('update') as OpenUpdate[];
/** The next one of this type; comings and goings of other tests' people are none of this one's business. */
const update = async (client: Client, type: OpenUpdate['type']): Promise<OpenUpdate> => {
  for (;;) {
    const one = (await client.next('update')) as OpenUpdate;
    if (one.type === type) return one;
  }
};
/** The same in the other dialect: the next one of these people. */
const chatOf = async (client: Client, ...names: string[]): Promise<unknown> => {
  for (;;) {
    const one = (await client.next('server-client-chat')) as { userName: string };
    if (names.includes(one.userName)) return one;
  }
};
let made = 0;
const unique = (name: string): string => `${name}${'abcdefghijk'[made % 11]}${(made += 1) + 10}`;

describe('a plain client of the lobby', () => {
  it('says its name, and its arrival and leaving are announced to everybody, in Korean', async () => {
    const first = await named('홍길동');
    expect(first.name).toBe('홍길동');
    expect(await first.next('update')).toEqual({
      type: 'connect',
      name: '홍길동',
      message: '홍길동님이 입장했습니다.',
    });
    const second = await named('김철수');
    expect(await first.next('update')).toEqual({
      type: 'connect',
      name: '김철수',
      message: '김철수님이 입장했습니다.',
    });
    second.socket.disconnect();
    expect(await first.next('update')).toEqual({
      type: 'disconnect',
      name: '김철수',
      message: '김철수님이 나갔습니다.',
    });
    await first.settled();
    expect(first.all('update')).toEqual([]);
    expect(first.all('server-client-chat')).toEqual([]);
  });

  it('reaches everybody but itself, and its messages are in the log', async () => {
    const [one, two] = [unique('one'), unique('two')];
    const alice = await named(one);
    const bob = await named(two);
    expect(await alice.ask('message', { type: 'message', message: '  hello  ' })).toEqual({
      ok: true,
      name: one,
    });
    expect(await update(bob, 'message')).toEqual({ type: 'message', name: one, message: 'hello' });
    // Without asking for an answer, as such clients do.
    bob.socket.emit('message', { type: 'message', message: 'hi', name: one });
    expect(await update(alice, 'message')).toEqual({ type: 'message', name: two, message: 'hi' });
    await Promise.all([alice.settled(), bob.settled()]);
    expect([...updates(alice), ...updates(bob)].filter(({ type }) => type === 'message')).toEqual([]);
    const guest = await server.guest('lobby');
    const { body } = await guest.get<{ message: string; senderName: string }[]>(`/api/messages/${lobbyId}`);
    expect(body.slice(-2)).toMatchObject([
      { message: 'hello', senderName: one },
      { message: 'hi', senderName: two },
    ]);
  });

  it('is in the same room as the people of the page, and they as it', async () => {
    const person = await server.person('alice');
    await person.post('/api/rooms/lobby/enter');
    const page = await person.sori();
    const name = unique('plain');
    const plain = await named(name);
    const { joined } = (await page.next('room:here')) as RoomHere;
    expect(joined).toEqual([{ _id: expect.any(String) as string, name, guest: true }]);
    const { body: here } = await person.get<RoomPerson[]>('/api/rooms/lobby/here');
    expect(here).toEqual(
      expect.arrayContaining([joined[0], { _id: person._id, name: 'alice', guest: false }]),
    );

    plain.socket.emit('message', { type: 'message', message: 'from outside' });
    expect(await page.next('newMessage')).toMatchObject({
      conversationId: lobbyId,
      message: 'from outside',
      senderId: joined[0]?._id,
      senderName: name,
    });
    await person.say(lobbyId, 'from the page');
    expect(await update(plain, 'message')).toEqual({
      type: 'message',
      name: 'alice',
      message: 'from the page',
    });

    const guest = await server.guest('lobby', 'Gildong');
    expect(await update(plain, 'connect')).toMatchObject({
      name: 'Gildong',
      message: 'Gildong님이 입장했습니다.',
    });
    // Another name is not another person.
    await guest.post('/api/rooms/lobby/enter', { nickname: 'Gil' });
    await guest.say(lobbyId, 'me again');
    expect(await plain.next('update')).toEqual({ type: 'message', name: 'Gil', message: 'me again' });
    await guest.post('/api/rooms/lobby/leave');
    expect(await plain.next('update')).toMatchObject({ type: 'disconnect', name: 'Gil' });

    await page.next('room:here');
    plain.socket.disconnect();
    for (;;) {
      const { left } = (await page.next('room:here')) as RoomHere;
      if (left[0] === joined[0]?._id) break;
    }
  });

  it('may speak the other dialect: its messages reach everybody, the sender included', async () => {
    const [one, two] = [unique('one'), unique('two')];
    const chat = await come();
    const other = await named(two);
    expect(await chat.ask('client-server-chat', { type: 'notice', userName: one, message: '' })).toEqual({
      ok: true,
      name: one,
    });
    const notice = { type: 'notice', userName: one, message: `${one}님이 입장했습니다.` };
    expect(await chatOf(chat, one, two)).toEqual(notice);
    expect(await update(other, 'connect')).toMatchObject({ name: two });
    expect(await update(other, 'connect')).toMatchObject({ name: one });
    chat.socket.emit('client-server-chat', { type: 'chat', userName: 'somebody else', message: 'hello' });
    expect(await chatOf(chat, one, two)).toEqual({ type: 'chat', userName: one, message: 'hello' });
    expect(await update(other, 'message')).toEqual({ type: 'message', name: one, message: 'hello' });
    other.socket.emit('message', { type: 'message', message: 'hi' });
    expect(await chatOf(chat, one, two)).toEqual({ type: 'chat', userName: two, message: 'hi' });
    await Promise.all([chat.settled(), other.settled()]);
    expect(other.all('server-client-chat')).toEqual([]);
    expect(
      await chat.ask('client-server-chat', { type: 'notice', userName: 'x', message: '' }),
    ).toMatchObject({
      ok: false,
      code: 'REFUSED',
    });
  });

  it('is called 익명 without a name, and is numbered where its name is taken', async () => {
    const wishes = ['', undefined, null, '  ', '\u200b', 'Sam', 'sam', 'S\u00adam', 'Ѕаm'];
    const names: unknown[] = [];
    for (const wish of wishes) names.push((await named(wish)).name);
    expect(names).toEqual(['익명', '익명2', '익명3', '익명4', '익명5', 'Sam', 'sam2', 'Sam3', 'Ѕаm4']);
    const guest = await server.guest('lobby', 'SAM');
    expect(guest.name).toBe('SAM5');
  });

  it('has one name, and says it first', async () => {
    const client = await come();
    for (const [event, payload] of [
      ['message', { type: 'message', message: 'hello' }],
      ['client-server-chat', { type: 'chat', userName: 'x', message: 'hello' }],
    ] as const) {
      expect(await client.ask(event, payload)).toMatchObject({ ok: false, code: 'REFUSED' });
    }
    const replies = await Promise.all([
      client.ask('newUser', unique('a')),
      client.ask('newUser', unique('b')),
    ]);
    expect(replies).toMatchObject([{ ok: true }, { ok: false, code: 'REFUSED' }]);
    expect(await client.ask('newUser', 'c')).toMatchObject({ ok: false, code: 'REFUSED' });
  });

  it('is answered what is wrong with whatever it sends', async () => {
    const client = await come();
    expect(await client.ask('newUser', { $ne: null })).toMatchObject({ ok: false, code: 'INVALID' });
    const name = unique('sam');
    expect(await client.ask('newUser', name)).toEqual({ ok: true, name });
    for (const [payload, code] of [
      [undefined, 'INVALID'],
      [{ type: 'message', message: { $ne: null } }, 'INVALID'],
      // The text is one like every message's.
      [{ type: 'message', message: '   ' }, 'INVALID'],
      [{ type: 'message', message: 'x'.repeat(8_001) }, 'TOO_LARGE'],
    ] as const) {
      expect(await client.ask('message', payload)).toMatchObject({
        ok: false,
        code,
        error: expect.any(String) as string,
      });
      client.socket.emit('message', payload);
    }
    for (const event of ['message', 'client-server-chat', 'entries:after', 'message:send']) {
      expect(await client.ask(event)).toMatchObject({ ok: false, code: 'INVALID' });
      client.socket.emit(event);
    }
    expect(await client.ask('message', { type: 'message', message: 'still here' })).toEqual({
      ok: true,
      name,
    });
  });

  it('leaves at once, without a grace, and its name is free', async () => {
    const name = unique('sam');
    const watcher = await named(unique('watcher'));
    const client = await named(name);
    client.socket.disconnect();
    for (;;) if ((await update(watcher, 'disconnect')).name === name) break;
    expect((await named(name)).name).toBe(name);
  });

  it('is sent out by an admin, and its address does not come in again without an account', async () => {
    const own = await startServer();
    const admin = await own.person('admin');
    const member = await own.person('member');
    const code = readFileSync(join(own.engine.dataDir, 'admin-code'), 'utf8').trim();
    expect((await admin.post('/api/me/admin', { code })).status).toBe(200);
    await admin.post('/api/rooms/lobby/enter');
    const client = knock(own);
    await client.ask('newUser', 'Sam');
    const { body: here } = await admin.get<RoomPerson[]>('/api/rooms/lobby/here');
    const userId = here.find(({ name }) => name === 'Sam')?._id;
    await member.post('/api/rooms/lobby/enter');
    expect((await member.post('/api/rooms/lobby/ban', { userId })).status).toBe(403);
    expect((await admin.post('/api/rooms/lobby/ban', { userId })).status).toBe(200);
    await client.gone();
    expect(await refusal(knock(own))).toMatchObject({ code: 'REFUSED' });
    await expect(own.guest('lobby')).rejects.toThrow('REFUSED');
    // Who has an account, or was in before, is not whom that was about.
    expect((await member.post('/api/rooms/lobby/enter')).status).toBe(200);
    expect(own.bugs()).toEqual([]);
    await own.close();
  });
});

describe('too much of it', () => {
  it('is refused: connections from one address beyond fifty, or what is set', async () => {
    const own = await startServer({ settings: { LIMIT_OPEN_SOCKETS_PER_ADDRESS: '2' } });
    const [first] = await Promise.all(
      [knock(own), knock(own)].map(async (client) => {
        await client.ask('newUser', '');
        return client;
      }),
    );
    const third = knock(own);
    expect(await refusal(third)).toMatchObject({ code: 'RATE_LIMITED' });
    first?.socket.disconnect();
    // The place is free once the server knows.
    for (;;) {
      const again = knock(own);
      const isIn = await new Promise((resolve) => {
        again.socket.once('connect', () => resolve(true));
        again.socket.once('connect_error', () => resolve(false));
      });
      if (isIn) break;
    }
    await own.close();
  });

  it('is refused: more messages than a person may send, without delaying others', async () => {
    const own = await startServer({ settings: { LIMIT_SENDS_PER_USER_10S: '20' } });
    const flood = knock(own);
    const calm = knock(own);
    await Promise.all([flood.ask('newUser', 'flood'), calm.ask('newUser', 'calm')]);
    const replies = Array.from({ length: 100 }, (_, index) =>
      flood.ask('message', { type: 'message', message: `${index}` }),
    );
    expect(await calm.ask('message', { type: 'message', message: 'calm' })).toMatchObject({ ok: true });
    const answered = await Promise.all(replies);
    expect(answered.filter(({ ok }) => ok)).toHaveLength(20);
    const limited = { ok: false, code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) as number };
    expect(answered.at(-1)).toMatchObject(limited);
    await own.close();
  });
});

describe('where the lobby is switched off', () => {
  it('nobody gets in: not by its link, not by its namespace, not even if they were in it before', async () => {
    const own = await startServer();
    const member = await own.person('member');
    await member.post('/api/rooms/lobby/enter');
    const guest = await own.guest('lobby');
    expect((await guest.get(`/api/messages/${lobbyId}`)).status).toBe(200);

    const off = await startServer({ engine: own.engine, settings: { OPEN_LOBBY: '0' } });
    const at = (path: string, cookie: string, method = 'GET') =>
      off.ask(path, { method, headers: { cookie } });
    for (const [path, method] of [
      ['/api/rooms/lobby', 'GET'],
      ['/api/rooms/lobby/enter', 'POST'],
      ['/api/rooms/lobby/here', 'GET'],
      [`/api/conversations/${lobbyId}`, 'GET'],
      [`/api/messages/${lobbyId}`, 'GET'],
    ] as const) {
      expect(await at(path, member.cookie, method)).toMatchObject({
        status: 404,
        body: { code: 'NOT_FOUND' },
      });
    }
    expect((await at('/api/conversations', member.cookie)).body).toEqual([]);
    expect((await at('/api/rooms/lobby/enter', '', 'POST')).status).toBe(404);
    expect((await at(`/api/messages/${lobbyId}`, guest.cookie)).status).toBe(401);
    const client = knock(off);
    expect(await refusal(client)).toMatchObject({ code: 'NOT_FOUND' });
    await off.close();
    await own.close();
  });
});
