import { type EnteredRoom, Room, type RoomHere, type RoomPerson } from '@sori/contract';
import { Types } from 'mongoose';
import type { Client } from '../../testing/live.js';
import { type Someone, startServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
afterEach(() => server.leave());

let made = 0;
const open = async (owner: Someone, form: object = {}): Promise<EnteredRoom> => {
  const { status, body } = await owner.post<EnteredRoom>('/api/rooms', {
    name: 'Kitchen',
    slug: `kitchen-${(made += 1)}`,
    language: 'en',
    ...form,
  });
  expect(status).toBe(201);
  return body;
};
const enter = (someone: Someone, slug: string, body: object = {}) =>
  someone.post<EnteredRoom & { code?: string }>(`/api/rooms/${slug}/enter`, body);
const hereOf = async (someone: Someone, slug: string): Promise<RoomPerson[]> =>
  (await someone.get<RoomPerson[]>(`/api/rooms/${slug}/here`)).body;
const here = (client: Client): RoomHere[] => client.all('room:here') as RoomHere[];

describe('opening a room', () => {
  it('makes a conversation with a link, which its owner is in', async () => {
    const alice = await server.person('alice');
    const room = await open(alice, { slug: ' My-Kitchen ', slowModeSeconds: 5, retentionHours: 2 });
    expect(Room.parse(room)).toMatchObject({
      kind: 'room',
      name: 'Kitchen',
      slug: 'my-kitchen',
      language: 'en',
      slowModeSeconds: 5,
      retentionHours: 2,
      memberCount: 1,
      unread: 0,
      me: { _id: alice._id, name: 'alice', guest: false },
      members: [{ userId: alice._id, role: 'owner' }],
    });
    const { body: list } = await alice.get<{ _id: string }[]>('/api/conversations');
    expect(list.map(({ _id }) => _id)).toEqual([room._id]);
  });

  it('makes a link from the name, and another one where that is taken', async () => {
    const alice = await server.person('alice');
    const form = { name: '우리 동네 Café!', language: 'ko', slug: undefined };
    expect((await open(alice, form)).slug).toBe('우리-동네-caf');
    expect((await open(alice, form)).slug).toMatch(/^우리-동네-caf-[0-9a-f]{8}$/);
    expect((await open(alice, { ...form, name: '!!!' })).slug).toMatch(/^[0-9a-f]{8}$/);
    expect((await open(alice, { ...form, name: 'Lobby' })).slug).toMatch(/^lobby-[0-9a-f]{8}$/);
  });

  it('refuses a link that is taken, that of the lobby, and what cannot be one', async () => {
    const alice = await server.person('alice');
    const { slug } = await open(alice);
    const ask = (form: object) =>
      alice.post<{ code: string }>('/api/rooms', { name: 'Mine', language: 'en', ...form });
    expect((await ask({ slug })).body).toMatchObject({ code: 'CONFLICT' });
    expect((await ask({ slug: 'LOBBY' })).body).toMatchObject({ code: 'CONFLICT' });
    expect((await ask({ slug: 'a/b' })).body).toMatchObject({ code: 'INVALID' });
  });

  it('is refused to people without an account', async () => {
    const guest = await server.guest('lobby');
    const { status } = await guest.post('/api/rooms', { name: 'Mine', language: 'en' });
    expect(status).toBe(401);
    expect((await server.ask('/api/rooms', { method: 'POST' })).status).toBe(401);
  });
});

describe('the link of a room', () => {
  it('shows a stranger its name and how many are there, and nothing of what is said in it', async () => {
    const alice = await server.person('alice');
    const { slug, _id } = await open(alice);
    await alice.say(_id, 'a secret of the kitchen');
    const { status, body } = await server.ask(`/api/rooms/${slug}`);
    expect(status).toBe(200);
    expect(Room.parse(body)).toMatchObject({ _id, name: 'Kitchen', slug, memberCount: 1, headSeq: 0 });
    expect(JSON.stringify(body)).not.toMatch(/secret|alice/);
    expect(body).not.toHaveProperty('me');
    for (const path of [`/api/rooms/${slug}/here`, `/api/conversations/${_id}`, `/api/messages/${_id}`]) {
      expect((await server.ask(path)).status).toBe(401);
      // Somebody with an account, who has not entered, does not find what is there.
      const bob = await server.person('bob');
      expect((await bob.get(path)).status).toBe(404);
    }
  });

  it.each(['no-such-room', '..%2Flobby', 'LOBBY%20x'])(
    'that leads nowhere (%s) is not found',
    async (slug) => {
      for (const [path, method] of [
        [`/api/rooms/${slug}`, 'GET'],
        [`/api/rooms/${slug}/enter`, 'POST'],
      ] as const) {
        expect(await server.ask(path, { method })).toMatchObject({
          status: 404,
          body: { code: 'NOT_FOUND' },
        });
      }
    },
  );
});

describe('the rules of a room', () => {
  const change = (who: Someone, slug: string, asked: object) =>
    who.call<EnteredRoom & { code?: string }>('PATCH', `/api/rooms/${slug}`, asked);

  it('are changed by the owner, and hold for whoever writes next; everybody there is notified', async () => {
    const [alice, bob] = await server.people('alice', 'bob');
    const { slug, _id } = await open(alice, { retentionHours: 2 });
    await enter(bob, slug);
    const guest = await server.guest(slug);
    const [bobs, guestsTab] = [await bob.sori(), await guest.sori()];
    const send = (clientId: string) => guestsTab.ask('message:send', { to: _id, message: 'hello', clientId });
    expect(await send('a')).toMatchObject({ ok: true });
    expect(await send('b')).toMatchObject({ ok: true });

    const slow = { slowModeSeconds: 600, retentionHours: 5, language: 'ko' };
    const { status, body } = await change(alice, slug, slow);
    expect(status).toBe(200);
    const now = { slug, name: 'Kitchen', ...slow };
    expect(Room.parse(body)).toMatchObject(now);
    for (const tab of [bobs, guestsTab]) {
      let received = await tab.next('conversation');
      while ((received as Room).slowModeSeconds !== 600) received = await tab.next('conversation');
      expect(received).toMatchObject({ _id, ...now });
      expect(tab.all('entry')).toEqual([]);
    }
    expect(await send('c')).toMatchObject({ ok: false, code: 'REFUSED' });

    expect((await change(alice, slug, { slowModeSeconds: 0, name: ' Cellar ' })).body).toMatchObject({
      slug,
      name: 'Cellar',
      slowModeSeconds: 0,
      retentionHours: 5,
    });
    for (const tab of [bobs, guestsTab])
      expect(await tab.next('entry')).toMatchObject({ kind: 'title', name: 'Cellar', senderId: alice._id });
    expect(await send('c')).toMatchObject({ ok: true });
    expect((await bob.get<Room>(`/api/rooms/${slug}`)).body).toMatchObject({ name: 'Cellar' });
    // The same again is no news.
    const { headSeq } = (await change(alice, slug, { name: 'Cellar' })).body;
    expect(headSeq).toBe(5);
  });

  it('are not for others to change, those of the lobby for administrators alone', async () => {
    const [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
    const { slug } = await open(alice);
    const asked = { slowModeSeconds: 5 };
    expect(await change(bob, slug, asked)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    await enter(bob, slug);
    const guest = await server.guest(slug);
    for (const who of [bob, guest])
      expect(await change(who, slug, asked)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect((await change(alice, 'no-such-room', asked)).status).toBe(404);
    const wrong = { slowModeSeconds: -1 };
    expect(await change(alice, slug, wrong)).toMatchObject({ status: 400, body: { code: 'INVALID' } });
    await enter(bob, 'lobby');
    expect((await change(bob, 'lobby', asked)).status).toBe(403);
    await server.store.connection
      .collection('users')
      .updateOne({ username: carol.name }, { $set: { admin: true } });
    expect((await change(carol, 'lobby', asked)).body).toMatchObject({ slug: 'lobby', ...asked });
    expect((await change(carol, 'lobby', { slowModeSeconds: 0 })).status).toBe(200);
    expect((await change(carol, slug, asked)).body).toMatchObject(asked);
    expect((await enter(bob, slug)).body).toMatchObject(asked);
  });
});

describe('the lobby', () => {
  it('is there from the first start, once, in Korean', async () => {
    const again = await startServer({ engine: server.engine });
    const { body } = await again.ask('/api/rooms/lobby');
    expect(body).toMatchObject({ slug: 'lobby', kind: 'room', language: 'ko', retentionHours: 24 });
    await again.close();
  });
});

describe('a guest', () => {
  it('comes in with a cookie of their own, reads what was said, and their messages reach the others', async () => {
    const alice = await server.person('alice');
    const { slug, _id } = await open(alice);
    await alice.say(_id, 'welcome');
    const answer = await server.ask<EnteredRoom>(`/api/rooms/${slug}/enter`, { method: 'POST' });
    expect(answer.body).toMatchObject({ _id, slug, memberCount: 2, unread: 0, me: { guest: true } });
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^guest=[\w-]{43}; Max-Age=1296000; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/,
      ),
    ]);

    const guest = await server.guest(slug, 'Bob');
    const [alicesTab, guestsTab] = await Promise.all([alice.sori(), guest.sori()]);
    const reply = await guestsTab.ask('message:send', { to: _id, message: 'hello', clientId: 'a' });
    expect(reply).toMatchObject({ ok: true, message: { senderId: guest._id, senderName: 'Bob', seq: 3 } });
    expect(await alicesTab.next('newMessage')).toMatchObject({ message: 'hello', senderName: 'Bob' });
    expect(await guestsTab.next('newMessage')).toMatchObject({ message: 'hello' });
    await alice.say(_id, 'hello Bob');
    expect(await guestsTab.next('newMessage')).toMatchObject({ message: 'hello Bob', senderName: 'alice' });
    const { body: history } = await guest.get<{ message: string }[]>(`/api/messages/${_id}`);
    expect(history.map(({ message }) => message)).toEqual(['welcome', 'hello', 'hello Bob']);
    const { body: entries } = await guest.get(`/api/conversations/${_id}/entries`);
    expect(entries).toMatchObject({ headSeq: 4, entries: [{ kind: 'title' }, {}, {}, {}] });
  });

  it('may edit, delete and react to what is said there, under their own name', async () => {
    const alice = await server.person('alice');
    const { slug, _id } = await open(alice);
    const guest = await server.guest(slug);
    const mine = await guest.say(_id, 'helo');
    const alicesMessage = await alice.say(_id, 'hm');
    expect((await guest.call('PATCH', `/api/messages/${mine._id}`, { message: 'hello' })).status).toBe(200);
    expect((await guest.call('PUT', `/api/messages/${alicesMessage._id}/reactions/👍`)).status).toBe(200);
    expect((await guest.call('PATCH', `/api/messages/${alicesMessage._id}`, { message: 'x' })).status).toBe(
      403,
    );
    expect((await guest.call('DELETE', `/api/messages/${alicesMessage._id}`)).status).toBe(403);
    expect((await guest.call('DELETE', `/api/messages/${mine._id}`)).status).toBe(200);
  });

  it('has a friendly name in the language of the room, or 익명, or the one that they like', async () => {
    const alice = await server.person('alice');
    const { slug } = await open(alice);
    expect((await server.guest('lobby')).name).toMatch(/^[가-힣]+ [가-힣]+$/);
    expect((await server.guest(slug)).name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    const names: string[] = [];
    for (const nickname of ['', ' ', '\u200b', 'Bob', 'bob', 'B\u200bob', 'ALICE', 'Аlicе'])
      names.push((await server.guest(slug, nickname)).name);
    expect(names).toEqual([
      'Anonymous',
      'Anonymous2',
      'Anonymous3',
      'Bob',
      'bob2',
      'Bob3',
      'ALICE2',
      'Аlicе3',
    ]);
  });

  it('has a name that nobody else has, however many come at once', async () => {
    const alice = await server.person('alice');
    const { slug } = await open(alice, { language: 'ko' });
    const guests = await Promise.all(Array.from({ length: 30 }, () => server.guest(slug, '')));
    expect(new Set(guests.map(({ name }) => name)).size).toBe(30);
    expect(guests.map(({ name }) => name)).toContain('익명30');
    const list = await hereOf(alice, slug);
    expect(list).toHaveLength(31);
    expect(list[0]).toEqual({ _id: alice._id, name: 'alice', guest: false });
  });

  it('stays who they are after a refresh and in a second tab, and may change their name', async () => {
    const alice = await server.person('alice');
    const { slug, _id } = await open(alice);
    const guest = await server.guest(slug, 'Bob');
    const alicesTab = await alice.sori();
    const again = await enter(guest, slug);
    expect(again.body.me).toEqual({ _id: guest._id, name: 'Bob', guest: true });
    expect(again.headers.getSetCookie()).toEqual([]);
    const first = await guest.sori();
    const second = await guest.sori();
    first.socket.disconnect();
    await second.settled();
    expect((await server.guest(slug, 'Bob')).name).toBe('Bob2');
    expect((await enter(guest, slug, { nickname: 'Robert' })).body.me).toMatchObject({ name: 'Robert' });
    await guest.say(_id, 'it is me');
    expect(await alicesTab.next('newMessage')).toMatchObject({ senderName: 'Robert' });
    expect(await second.ask('message:send', { to: _id, message: 'me', clientId: 'b' })).toMatchObject({
      message: { senderName: 'Robert' },
    });
    expect(here(alicesTab)).toEqual([
      {
        conversationId: _id,
        joined: [{ _id: expect.any(String) as string, name: 'Bob2', guest: true }],
        left: [],
      },
      { conversationId: _id, joined: [{ _id: guest._id, name: 'Robert', guest: true }], left: [] },
    ]);
    expect((await hereOf(guest, slug)).map(({ name }) => name)).toEqual(['alice', 'Robert', 'Bob2']);
    expect(await enter(guest, slug, { nickname: { $ne: 1 } })).toMatchObject({ status: 400 });
    expect(await enter(guest, slug, { nickname: 'x'.repeat(51) })).toMatchObject({ status: 400 });
  });

  it('leaves for good when they choose to: their cookie is not accepted any more', async () => {
    const alice = await server.person('alice');
    const { slug, _id } = await open(alice);
    const guest = await server.guest(slug, 'Bob');
    const [alicesTab, guestsTab] = await Promise.all([alice.sori(), guest.sori()]);
    const { status, headers } = await guest.post(`/api/rooms/${slug}/leave`);
    expect(status).toBe(200);
    expect(headers.getSetCookie().join()).toMatch(/^guest=;/);
    expect(await alicesTab.next('room:here')).toEqual({ conversationId: _id, joined: [], left: [guest._id] });
    await guestsTab.gone();
    expect((await guest.get(`/api/messages/${_id}`)).status).toBe(401);
    expect((await server.guest(slug, 'Bob')).name).toBe('Bob');
  });
});

describe('a person with an account', () => {
  it("enters, has the room in the list until leaving it, and counts as an account also with a guest's cookie", async () => {
    const [alice, bob] = await server.people('alice', 'bob');
    const { slug, _id } = await open(alice);
    const guest = await server.guest(slug);
    await alice.say(_id, 'before');
    const bobsTab = await bob.sori();
    const entered = await bob.post<EnteredRoom>(
      `/api/rooms/${slug}/enter`,
      { nickname: 'Somebody' },
      { cookie: `${guest.cookie}; ${bob.cookie}` },
    );
    expect(entered.body).toMatchObject({ unread: 0, me: { _id: bob._id, name: 'bob', guest: false } });
    expect(await bobsTab.next('conversation')).toMatchObject({ _id, slug });
    await alice.say(_id, 'after');
    expect(await bobsTab.next('newMessage')).toMatchObject({ message: 'after' });
    const { body: list } = await bob.get('/api/conversations');
    expect(list).toMatchObject([{ _id, slug, unread: 1 }]);
    // Sharing an open room is not knowing each other.
    expect(await bobsTab.next('getOnlineUsers')).toEqual([]);

    expect((await bob.post(`/api/rooms/${slug}/leave`)).status).toBe(200);
    expect(await bobsTab.next('conversation:gone')).toEqual({ conversationId: _id });
    await alice.say(_id, 'gone');
    await bobsTab.settled();
    expect(bobsTab.all('newMessage')).toEqual([]);
    expect((await bob.get(`/api/messages/${_id}`)).status).toBe(404);
    expect((await bob.get('/api/conversations')).body).toEqual([]);
  });
});

describe('what was said in a room', () => {
  it('is gone after the time that the room says: from history, log, preview and unread', async () => {
    const [alice, bob] = await server.people('alice', 'bob');
    const { slug, _id } = await open(alice, { retentionHours: 1 });
    await enter(bob, slug);
    for (const text of ['one', 'two', 'three']) await alice.say(_id, text);
    const before = await bob.get<EnteredRoom>(`/api/conversations/${_id}`);
    expect(before.body).toMatchObject({ unread: 3, headSeq: 4, lastMessage: { message: 'three' } });
    // As if all that had been said an hour and a second ago.
    const at = { $dateSubtract: { startDate: '$at', unit: 'second', amount: 3_601 } };
    await server.store.connection
      .collection('entries')
      .updateMany({ conversationId: new Types.ObjectId(_id) }, [{ $set: { at } }]);
    // It is gone by itself: nothing else is asked for meanwhile.
    expect((await bob.get<unknown[]>(`/api/messages/${_id}`)).body).toEqual([]);
    const after = await bob.get<EnteredRoom>(`/api/conversations/${_id}`);
    expect(after.body).toMatchObject({ unread: 0, headSeq: 4, firstSeq: 5 });
    expect(after.body.lastMessage).toBeUndefined();
    const entries = (cursor: number) =>
      bob.get(`/api/conversations/${_id}/entries?after=${cursor}`).then(({ body }) => body);
    expect(await entries(0)).toMatchObject({ entries: [], next: 4, headSeq: 4, more: false });
    expect(await entries(4)).toMatchObject({ entries: [], next: 4, more: false });
    // Whoever holds less than where it begins is answered to begin anew.
    expect(await entries(2)).toMatchObject({ entries: [], next: 0, reset: true });
    await alice.say(_id, 'four');
    expect(await entries(0)).toMatchObject({ entries: [{ seq: 5, message: 'four' }], next: 5 });
    expect((await bob.get(`/api/messages/${_id}`)).body).toMatchObject([{ message: 'four' }]);
  });
});
