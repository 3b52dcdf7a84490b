import type { EnteredRoom, ErrorCode, Message } from '@sori/contract';
import type { Client } from '../../testing/live.js';
import type { Someone, TestServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

/** What somebody without an account gets, and above all what they do not. */

const server = useServer();
let alice: Someone;
let bob: Someone;
let room: EnteredRoom;
let otherRoom: EnteredRoom;
let direct: Message;
let guest: Awaited<ReturnType<TestServer['guest']>>;
let otherGuest: typeof guest;
let group: { _id: string };

beforeAll(async () => {
  [alice, bob] = await server.people('alice', 'bob');
  const open = async (slug: string): Promise<EnteredRoom> =>
    (await alice.post<EnteredRoom>('/api/rooms', { name: slug, slug, language: 'en' })).body;
  room = await open('kitchen');
  otherRoom = await open('cellar');
  direct = await alice.say(bob._id, 'between us');
  group = (await alice.post<{ _id: string }>('/api/conversations', { name: 'Us', memberIds: [bob._id] }))
    .body;
  guest = await server.guest('kitchen', 'Gil');
  otherGuest = await server.guest('cellar', 'Sam');
});
afterEach(() => server.leave());

const nowhere = 'f'.repeat(24);
/** Everything that was emitted to this client, by what it was about. */
const about = (client: Client, text: string): string[] =>
  [
    'newMessage',
    'entry',
    'typing',
    'read',
    'presence',
    'conversation',
    'user:created',
    'room:here',
    'heads',
    'getOnlineUsers',
  ]
    .flatMap((name) => client.all(name))
    .map((notice) => JSON.stringify(notice))
    .filter((notice) => notice.includes(text));

describe('a token that nobody knows', () => {
  it('is not looked up over the database connections that messages are written on', async () => {
    const guests = server.store.connection.model('Guest');
    const look = jest.spyOn(guests, 'findOne');
    const cookie = `guest=${'x'.repeat(43)}`;
    expect((await server.ask('/api/conversations', { headers: { cookie } })).status).toBe(401);
    const strange = server.connect({ auth: { protocol: 1, token: 'y'.repeat(43) } });
    const refused = await new Promise((resolve) => strange.socket.once('connect_error', resolve));
    expect(refused).toMatchObject({ data: { code: 'UNAUTHENTICATED' } });
    expect(look).not.toHaveBeenCalled();
    look.mockRestore();
  });
});

describe('a guest', () => {
  it.each([
    ['GET', '/api/auth/me'],
    ['GET', '/api/bootstrap'],
    ['GET', '/api/users'],
    ['GET', `/api/users?ids=${'f'.repeat(24)}`],
    ['GET', '/api/users?search=a'],
    ['GET', '/api/conversations'],
    ['POST', '/api/conversations'],
    ['POST', '/api/conversations/read-all'],
    ['GET', '/api/me/settings'],
    ['PATCH', '/api/me/settings'],
    ['POST', '/api/me/admin'],
    ['POST', '/api/rooms'],
    ['POST', '/api/reports'],
    ['GET', '/api/admin/reports'],
  ])('has no account: %s %s', async (method, path) => {
    const { status, body } = await guest.call<{ code: ErrorCode }>(method, path);
    // What is for admins alone looks to everybody as if it were not there.
    expect([401, 404]).toContain(status);
    expect(['UNAUTHENTICATED', 'NOT_FOUND']).toContain(body.code);
  });

  it('without a name is given one in the language of their page, not of the room', async () => {
    const comesIn = (language: unknown) =>
      server.ask<EnteredRoom>('/api/rooms/kitchen/enter', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ language }),
      });
    const namesIn = async (language: unknown): Promise<string> => {
      const { body } = await comesIn(language);
      return body.me.name;
    };
    expect(await namesIn('ko')).toMatch(/^[가-힣 ]+$/);
    expect(await namesIn('en')).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    expect(await namesIn(undefined)).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    expect((await comesIn('xx')).status).toBe(400);
  });

  it("cannot change what is the room's own, or keep anything there but what they have read", async () => {
    const path = `/api/conversations/${room._id}`;
    for (const [method, rest, body] of [
      ['PATCH', '', { name: 'Mine' }],
      ['POST', '/members', { userIds: [otherGuest._id] }],
      ['DELETE', `/members/${alice._id}`, undefined],
      ['PATCH', `/members/${guest._id}`, { role: 'owner' }],
      ['POST', '/leave', {}],
      ['PUT', '/draft', { text: 'x', rev: 1 }],
      ['PUT', '/mute', { until: null }],
      ['PUT', '/unread', { seq: 1 }],
    ] as const) {
      for (const spelling of [rest, rest.toUpperCase(), `${rest}/`, `/${rest}`])
        expect(await guest.call(method, `${path}${spelling}`, body)).toMatchObject({ status: 401 });
    }
    expect((await guest.call('PUT', `${path}/read`, { seq: 1 })).status).toBe(200);
    const { _id } = await alice.say(room._id, 'a rule');
    for (const pin of [
      'pin',
      'PIN',
      'Pin',
      'pin/',
      'PIN/',
      '%70in',
      '%50IN',
      '/pin',
      'pin//',
      'pin?x',
      'pin;x',
    ]) {
      for (const method of ['PUT', 'DELETE'])
        expect((await guest.call(method, `/api/messages/${_id}/${pin}`)).status).toBe(401);
    }
    expect((await alice.get<Message[]>(`/api/messages/${room._id}`)).body.at(-1)?.pinnedAt).toBeUndefined();
    for (const what of ['kick', 'ban'])
      expect(await guest.post(`/api/rooms/kitchen/${what}`, { userId: alice._id })).toMatchObject({
        status: 403,
      });
  });

  it('finds nothing but their own room, by whatever id, and gets the same answer for what exists and what does not', async () => {
    const elsewhere = await otherGuest.say(otherRoom._id, 'in the cellar');
    const ids = [
      direct.conversationId,
      group._id,
      otherRoom._id,
      alice._id,
      bob._id,
      otherGuest._id,
      guest._id,
    ];
    const calls = (id: string, messageId: string) =>
      [
        ['GET', `/api/conversations/${id}`],
        ['GET', `/api/conversations/${id}/entries?after=0`],
        ['PUT', `/api/conversations/${id}/read`, { seq: 1 }],
        ['GET', `/api/messages/${id}`],
        ['POST', `/api/messages/send/${id}`, { message: 'psst' }],
        ['PATCH', `/api/messages/${messageId}`, { message: 'x' }],
        ['DELETE', `/api/messages/${messageId}`],
        ['PUT', `/api/messages/${messageId}/reactions/👍`],
      ] as const;
    const nothing = await Promise.all(
      calls(nowhere, nowhere).map(([method, path, body]) => guest.call(method, path, body)),
    );
    for (const [index, id] of ids.entries()) {
      const messageId = [direct._id, elsewhere._id][index % 2] ?? '';
      const answers = await Promise.all(
        calls(id, messageId).map(([method, path, body]) => guest.call(method, path, body)),
      );
      expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
        nothing.map(({ status, body }) => ({ status, body })),
      );
      for (const { status } of answers) expect(status).toBe(404);
    }
    // The same calls lead somewhere for who is there.
    for (const [method, path, body] of calls(direct.conversationId, direct._id).slice(0, 5))
      expect((await alice.call(method, path, body)).status).toBeLessThan(300);
    for (const [method, path, body] of calls(room._id, nowhere).slice(0, 5))
      expect((await guest.call(method, path, body)).status).toBeLessThan(300);
    for (const path of ['/api/rooms/cellar/here', '/api/rooms/lobby/here'])
      expect((await guest.get(path)).status).toBe(404);
    expect(((await guest.get<object>('/api/rooms/cellar')).body as { me?: unknown }).me).toBeUndefined();
  });

  const forged = [
    ['as they are', {}],
    [
      "with somebody else's id in the query",
      { query: { userId: 'ALICE', room: 'ROOM', conversationId: 'DIRECT' } },
    ],
    [
      'with forged fields',
      { auth: { protocol: 1, userId: 'ALICE', guest: null, sessionId: 'ALICE', rooms: ['person:ALICE'] } },
    ],
    ['as a tutorial client', { auth: {} }],
  ] as const;

  it.each(forged)(
    'receives their room and nothing else over a socket, %s, also when they come back',
    async (what, how) => {
      const filled = JSON.parse(
        JSON.stringify(how)
          .replaceAll('ALICE', alice._id)
          .replaceAll('ROOM', otherRoom._id)
          .replaceAll('DIRECT', direct.conversationId),
      ) as { query?: Record<string, string>; auth?: Record<string, unknown> };
      const options = {
        extraHeaders: { cookie: guest.cookie },
        auth: { protocol: 1, ...filled.auth },
        ...(what === 'as a tutorial client' ? { auth: {} } : {}),
        ...(filled.query ? { query: filled.query } : {}),
      };
      for (const time of ['first', 'again']) {
        const client = server.connect(options);
        await new Promise((resolve, reject) => {
          client.socket.once('connect', () => resolve(undefined));
          client.socket.once('connect_error', reject);
        });
        await client.settled();
        const [alicesTab, bobsTab, theirs] = await Promise.all([alice.sori(), bob.sori(), otherGuest.sori()]);
        const secret = `secret ${what} ${time}`;
        await alice.say(bob._id, secret);
        await alice.say(otherRoom._id, secret);
        await alice.say(group._id, secret);
        await bobsTab.ask('typing:set', { conversationId: direct.conversationId, typing: true });
        await bobsTab.ask('read:set', { conversationId: direct.conversationId, seq: 1_000 });
        await bob.post('/api/rooms/cellar/enter');
        await bob.post('/api/rooms/cellar/leave');
        const newcomer = await server.person('newcomer');
        await alice.say(room._id, `hello ${what} ${time}`);
        // Proof that these were there to be received.
        for (const one of [bobsTab, bobsTab, theirs])
          expect(await one.next('newMessage')).toMatchObject({ message: secret });
        expect(await alicesTab.next('read')).toMatchObject({ userId: bob._id });
        if (what === 'as a tutorial client') {
          await client.settled();
          expect(client.all('newMessage')).toEqual([]);
        } else expect(await client.next('newMessage')).toMatchObject({ message: `hello ${what} ${time}` });
        await client.settled();
        for (const word of ['secret', direct.conversationId, otherRoom._id, group._id, bob._id, newcomer._id])
          expect(about(client, word)).toEqual([]);
        client.socket.disconnect();
      }
    },
  );

  it('is refused over a socket what guests may not ask', async () => {
    const client = await guest.sori();
    const asked = (name: string, payload: object) => client.ask(name, payload);
    for (const conversationId of [direct.conversationId, otherRoom._id, group._id, nowhere]) {
      for (const [name, payload] of [
        ['message:send', { to: conversationId, message: 'psst', clientId: 'a' }],
        ['entries:after', { conversationId, after: 0 }],
        ['read:set', { conversationId, seq: 1 }],
        ['delivered:set', { conversationId, seq: 1 }],
        ['typing:set', { conversationId, typing: true }],
        ['message:edit', { messageId: direct._id, message: 'x', clientId: 'b' }],
        ['message:delete', { messageId: direct._id, clientId: 'c' }],
        ['message:react', { messageId: direct._id, emojis: ['👍'], clientId: 'd' }],
      ] as const) {
        expect(await asked(name, payload)).toMatchObject({ ok: false, code: 'NOT_FOUND' });
      }
    }
    expect(await asked('message:send', { to: alice._id, message: 'psst', clientId: 'e' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    for (const [name, payload] of [
      ['presence:watch', { userIds: [alice._id] }],
      ['people:watch', { on: true }],
      ['message:pin', { messageId: direct._id, pinned: true, clientId: 'f' }],
    ] as const) {
      expect(await asked(name, payload)).toMatchObject({ ok: false, code: 'UNAUTHENTICATED' });
    }
    const { body } = await alice.get<unknown[]>(`/api/messages/${guest._id}`);
    expect(body).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is shown online to nobody, and is not in the list of people', async () => {
    const tutorial = await bob.tutorial();
    const bobsTab = await bob.sori();
    await guest.sori();
    // Sent with the next round, as the guest's presence would be.
    const friend = await server.person('friend');
    await bob.say(friend._id, 'hi');
    await friend.sori();
    while (!((await bobsTab.next('presence')) as { online: string[] }).online.includes(friend._id));
    await bobsTab.settled();
    expect(about(bobsTab, guest._id)).toEqual([]);
    expect(about(tutorial, guest._id)).toEqual([]);
    expect(await bobsTab.ask('presence:watch', { userIds: [guest._id] })).toEqual({ ok: true, online: [] });
    expect((await bob.get(`/api/users/${guest._id}`)).status).toBe(404);
    expect((await bob.post(`/api/messages/send/${guest._id}`, { message: 'hi' })).status).toBe(404);
  });

  it("is not let in by a token that is not quite theirs, or by their own as an account's", async () => {
    const { token } = guest;
    const changed = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const cookie of [`guest=${changed}`, `guest=${guest._id}`, 'guest=', 'guest={"$ne":null}'])
      expect((await server.ask(`/api/messages/${room._id}`, { headers: { cookie } })).status).toBe(401);
    const asAnAccount: Record<string, string>[] = [
      { cookie: `jwt=${token}` },
      { authorization: `Bearer ${token}` },
    ];
    for (const headers of asAnAccount) {
      // The token is a guest's, wherever it is put.
      expect((await server.ask('/api/auth/me', { headers })).status).toBe(401);
      expect((await server.ask('/api/conversations', { headers })).status).toBe(401);
      expect((await server.ask(`/api/messages/${direct.conversationId}`, { headers })).status).toBe(404);
    }
    expect(JSON.stringify(await server.store.connection.collection('guests').find().toArray())).not.toContain(
      token,
    );
    expect(server.logged.join('')).toContain(`"path":"/api/messages/${room._id}","status":401`);
    expect(server.logged.join('')).not.toContain(token);
  });
});
