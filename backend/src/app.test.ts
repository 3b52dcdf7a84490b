import { connect } from 'node:net';
import type { Message } from '@sori/contract';
import jwt from 'jsonwebtoken';
import { countInMemory } from './limits/limit.js';
import { refusal } from './testing/live.js';
import { doors, type Someone, startServer, type TestServer } from './testing/server.js';

let server: TestServer;
let alice: Someone;
let bob: Someone;
let carol: Someone;
beforeAll(async () => {
  // As slow as they are: a message must not wait for one.
  server = await startServer({ passwordCost: 10 });
  [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
});
afterAll(async () => {
  await server.close();
  expect(server.bugs()).toEqual([]);
});

/** Ends a connection by long polling that was opened by hand: the server would wait for its next poll. */
async function hangUp(opened: string): Promise<void> {
  const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
  const address = `${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`;
  await (
    await fetch(address, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '1' })
  ).text();
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a message', () => {
  it.each(doors)('sent over %s reaches every tab of both people once, and no stranger', async (door) => {
    const recipients = await Promise.all([alice.sori(), alice.sori(), bob.sori(), bob.sori()]);
    const tutorial = await bob.tutorial();
    const own = await alice.tutorial();
    const strangers = await Promise.all([carol.sori(), carol.tutorial()]);
    const { message } = await alice.send(door, bob._id, { message: 'for bob alone' });
    for (const recipient of [...recipients, tutorial])
      expect(await recipient.next('newMessage')).toEqual(message);
    await Promise.all([...recipients, tutorial, own, ...strangers].map((recipient) => recipient.settled()));
    expect([...recipients, tutorial].flatMap((recipient) => recipient.all('newMessage'))).toEqual([]);
    // The tutorial's client appends its own from the reply.
    expect(own.all('newMessage')).toEqual([]);
    expect(strangers.flatMap((tab) => tab.all('newMessage'))).toEqual([]);
    expect(strangers.flatMap((tab) => tab.all('conversation'))).toEqual([]);
  });

  it('to oneself reaches one’s other tab, and no tutorial client', async () => {
    const [tab, tutorial] = [await carol.sori(), await carol.tutorial()];
    const message = await carol.say(carol._id, 'note');
    expect(await tab.next('newMessage')).toEqual(message);
    await tutorial.settled();
    expect(tutorial.all('newMessage')).toEqual([]);
  });

  it('arrives in the order of the log, however many people write at once', async () => {
    const [one, other] = await server.people('one', 'other');
    const [a, b] = [await one.sori(), await other.sori()];
    await Promise.all(
      upTo(400).flatMap((n) => [
        a.ask('message:send', { to: other._id, message: `a${n}`, clientId: `a${n}` }),
        b.ask('message:send', { to: one._id, message: `b${n}`, clientId: `b${n}` }),
      ]),
    );
    await Promise.all([a.settled(), b.settled()]);
    for (const recipient of [a, b]) {
      const received = recipient.all('newMessage') as Message[];
      expect(received.map(({ seq }) => seq)).toEqual(upTo(800));
      for (const who of ['a', 'b']) {
        const words = received.map(({ message }) => message).filter((word) => word.startsWith(who));
        expect(words).toEqual(upTo(400).map((n) => `${who}${n}`));
      }
    }
  });

  it('that begins a conversation shows it to both people, and to nobody else', async () => {
    const [one, other] = await server.people('one', 'other');
    const recipients = await Promise.all([one.sori(), other.sori()]);
    const stranger = await carol.sori();
    const { conversationId } = await one.say(other._id, 'hi');
    const notices = await Promise.all(recipients.map((recipient) => recipient.next('conversation')));
    expect(notices).toMatchObject([
      { _id: conversationId, unread: 0 },
      { _id: conversationId, unread: 1 },
    ]);
    await stranger.settled();
    expect(stranger.all('conversation')).toEqual([]);
  });

  it('is stored and delivered even if the sender does not wait for the answer', async () => {
    const [sender, recipient] = [await alice.sori(), await bob.sori()];
    sender.socket.emit('message:send', { to: bob._id, message: 'no answer wanted', clientId: 'quiet' });
    expect(await recipient.next('newMessage')).toMatchObject({
      message: 'no answer wanted',
      senderId: alice._id,
    });
  });
});

describe('the tutorial’s own client', () => {
  it('works unchanged: its cookie, its fetch, its socket, its two events', async () => {
    const [me, you] = await server.people('me', 'you');
    const socket = await me.tutorial();
    expect(await socket.next('getOnlineUsers')).toContain(me._id);
    const theirs = await you.tutorial();
    let online = (await socket.next('getOnlineUsers')) as string[];
    while (!online.includes(you._id)) online = (await socket.next('getOnlineUsers')) as string[];
    const response = await fetch(`${server.url}/api/messages/send/${you._id}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', cookie: me.cookie, origin: server.url },
      body: JSON.stringify({ message: 'hello' }),
    });
    const data = (await response.json()) as Message & { error?: string };
    expect(data.error).toBeUndefined();
    expect(await theirs.next('newMessage')).toEqual(data);
    expect((await you.get<Message[]>(`/api/messages/${me._id}`)).body).toEqual([data]);
    const people = (await me.get<{ _id: string; profilePic: string }[]>('/api/users?limit=100')).body;
    expect(people.some(({ _id }) => _id === you._id)).toBe(true);
    expect(people.some(({ _id }) => _id === me._id)).toBe(false);
    await Promise.all([socket.settled(), theirs.settled()]);
    const others = new Set(['getOnlineUsers', 'newMessage']);
    for (const name of ['heads', 'presence', 'read', 'conversation', 'entry', 'user:created']) {
      expect(others.has(name) ? [] : [...socket.all(name), ...theirs.all(name)]).toEqual([]);
    }
  });

  it('finds the error message where it expects it', async () => {
    const { body } = await alice.post<{ error: string }>(`/api/messages/send/${bob._id}`, { message: '' });
    expect(typeof body.error).toBe('string');
  });
});

describe('who is online', () => {
  it('is shown to both people in two browsers, and stays shown while one of two tabs is open', async () => {
    const [one, other] = await server.people('one', 'other');
    await one.say(other._id, 'hi');
    const mine = await one.sori();
    expect(await mine.next('getOnlineUsers')).toEqual([]);
    const [first, second] = [await other.sori(), await other.sori()];
    expect(await first.next('getOnlineUsers')).toEqual([one._id]);
    expect(await mine.next('presence')).toEqual({ online: [other._id], offline: [] });
    first.socket.disconnect();
    await one.say(other._id, 'still there?');
    expect(await second.next('newMessage')).toMatchObject({ message: 'still there?' });
    expect(await mine.ask('presence:watch', { userIds: [other._id] })).toMatchObject({ online: [other._id] });
    second.socket.disconnect();
    expect(await mine.next('presence')).toEqual({ online: [], offline: [other._id] });
  });
});

describe('logging out', () => {
  it('closes all sockets of that session within a second, and no others', async () => {
    const here = await server.person('leaver');
    const there = await server.elsewhere(here);
    const [tab, tutorial, kept] = [await here.sori(), await here.tutorial(), await there.sori()];
    const asked = performance.now();
    const out = await here.post<{ message: string }>('/api/auth/logout');
    expect(out.status).toBe(200);
    expect(await tab.next('session')).toEqual({ reason: 'logout' });
    await Promise.all([tab.gone(), tutorial.gone()]);
    // A second, and what a busy machine adds. By themselves they would never go.
    expect(performance.now() - asked).toBeLessThan(5_000);
    const answers = await Promise.all([
      here.get('/api/auth/me'),
      here.post(`/api/messages/send/${bob._id}`, { message: 'still me?' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(await refusal(here.knock())).toMatchObject({ code: 'UNAUTHENTICATED' });
    const { _id } = await bob.say(here._id, 'you there?');
    expect(await kept.next('newMessage')).toMatchObject({ _id });
    expect([tab, tutorial].flatMap((client) => client.all('newMessage'))).toEqual([]);
  });

  it('in the middle of a burst stores nothing that comes after it was answered', async () => {
    const one = await server.person('burst');
    const tab = await one.sori();
    const gone = tab.gone();
    let n = 0;
    const writing = (async () => {
      while (tab.socket.connected) {
        tab.socket.emit('message:send', { to: bob._id, message: `m${(n += 1)}`, clientId: `m${n}` });
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await one.post('/api/auth/logout');
    await Promise.all([gone, writing]);
    // Behind all that was let in: what is written to a conversation is stored in order.
    const end = await bob.say(one._id, 'end');
    expect((await bob.say(one._id, 'after')).seq).toBe(end.seq + 1);
    expect(end.seq - 1).toBeLessThan(n);
  });
});

describe('somebody without a valid session', () => {
  it('is refused over REST and over the socket', async () => {
    const claims = jwt.decode(alice.token) as object;
    const token = jwt.sign(claims, 'another secret, just as long as ours');
    const me = await server.ask('/api/auth/me', { headers: { cookie: `jwt=${token}` } });
    const bearer = await server.ask('/api/auth/me', { headers: { authorization: `Bearer ${token}` } });
    expect([me.status, bearer.status]).toEqual([401, 401]);
    expect(me.body).toMatchObject({ code: 'UNAUTHENTICATED' });
    const handshakes = [
      { auth: { token, protocol: 1 } },
      { extraHeaders: { cookie: `jwt=${token}` }, query: { userId: alice._id } },
    ];
    for (const handshake of handshakes)
      expect(await refusal(server.connect(handshake))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it.each([
    ['garbage around it', (token: string) => `a=b; ;=; jwt2=x; x=jwt=1; jwt=${token}; jwt_=y; %%%=1`],
    ['quotes', (token: string) => `jwt="${token}"`],
  ])('is let in with a valid session that has %s', async (_what, cookieOf) => {
    expect((await server.ask('/api/auth/me', { headers: { cookie: cookieOf(alice.token) } })).status).toBe(
      200,
    );
  });

  it.each(['websocket', 'polling'])(
    'receives nothing over %s though they claim to be bob in every field, and bob receives it',
    async (transport) => {
      const liar = server.connect({
        transports: [transport],
        query: { userId: bob._id, token: bob.token },
        auth: { userId: bob._id, protocol: 1 },
        extraHeaders: { 'x-user-id': bob._id },
      });
      expect(await refusal(liar)).toMatchObject({ code: 'UNAUTHENTICATED' });
      const own = await carol.tutorial({
        transports: [transport],
        query: { userId: bob._id },
        auth: { userId: bob._id, room: `person:${bob._id}` },
      });
      own.socket.emit('join', `person:${bob._id}`);
      own.socket.emit('setup', { _id: bob._id });
      const recipient = await bob.tutorial({ transports: [transport] });
      await alice.say(bob._id, 'psst');
      expect(await recipient.next('newMessage')).toMatchObject({ message: 'psst' });
      await own.settled();
      expect(own.all('newMessage')).toEqual([]);
    },
  );
});

describe('somebody else’s page', () => {
  const origins: [Record<string, string>, number][] = [
    [{ origin: 'http://evil.example' }, 403],
    [{}, 201],
  ];
  it.each(origins)(
    'with the origin %j is answered %i, for a send and for the handshake',
    async (headers, status) => {
      const before = await bob.get<Message[]>(`/api/messages/${alice._id}?limit=1`);
      const answer = await alice.post(`/api/messages/send/${bob._id}`, { message: 'csrf' }, headers);
      expect(answer.status).toBe(status);
      const after = await bob.get<Message[]>(`/api/messages/${alice._id}?limit=1`);
      expect((after.body[0]?.seq ?? 0) - (before.body[0]?.seq ?? 0)).toBe(status === 201 ? 1 : 0);
      const handshake = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, {
        headers: { cookie: alice.cookie, ...headers },
      });
      const opened = await handshake.text();
      if (handshake.ok) await hangUp(opened);
      expect(handshake.status).toBe(status === 201 ? 200 : 403);
    },
  );

  it('from this host is let in', async () => {
    const answer = await alice.post(
      `/api/messages/send/${bob._id}`,
      { message: 'mine' },
      { origin: server.url },
    );
    expect(answer.status).toBe(201);
  });
});

/** Whatever these bytes are answered with, in whole. */
const bytes = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const raw = connect(server.port, '127.0.0.1');
    let response = '';
    raw.on('data', (chunk: Buffer) => (response += chunk.toString()));
    raw.once('close', () => resolve(response)).once('error', reject);
    raw.write(text);
  });

describe('the server', () => {
  it.each(['/api/nothing', '/api/messages', '/api/users/1/2/3', '/api/__proto__', '/api/constructor'])(
    'answers %s with a JSON 404',
    async (path) => {
      expect(await alice.get(path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    },
  );

  const packets = [
    '',
    '2',
    '0[]',
    '0{',
    '2{}',
    '2[1]',
    '2[{}]',
    '2[]',
    '2["message:send"',
    '51-["x",{"_placeholder":true,"num":9}]',
    '599999999-["x"]',
    '2["message:send",{"__proto__":{"to":"x"}}]',
    '3[]',
    '3999["x"]',
    '2["disconnect"]',
    '2["connect"]',
    '0/admin,',
    '0/open,',
    `2["${'x'.repeat(5_000)}"]`,
    '2["message:send",null,null]',
    '\0\u0001',
    '9',
  ];
  it.each(packets)('keeps running after a signed-in client sends the packet %j', async (packet) => {
    const tab = await alice.tutorial();
    tab.socket.io.engine.write(packet);
    await Promise.race([tab.settled(), tab.gone()]);
    // Its own connection may be gone; everybody else's is not.
    expect((await alice.send('the socket', bob._id, { message: 'alive' })).code).toBeUndefined();
  });

  it.each([
    'GET /api/auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 1, 2, \r\nX-Forwarded-Host: a, b\r\nX-Forwarded-Proto: https\r\n\r\n',
    'GET /api/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    'GET //evil.example/api HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    'GET /socket.io/?EIO=4&transport=../../etc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    'GET /socket.io/?EIO=4&transport=polling&sid=__proto__ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    'NONSENSE\r\n\r\n',
  ])('answers the bytes %j with a refusal or the page, and never with a 500', async (text) => {
    const answer = await bytes(text);
    expect(answer).toMatch(/^HTTP\/1\.1 (?:200|400|401|403|404)/);
    expect(answer).not.toMatch(/x-powered-by|\bat \S+ \(.*:\d+:\d+\)/i);
    expect((await alice.get('/api/auth/me')).status).toBe(200);
  });

  it('sends no secure cookie to a client of plain http that claims https', async () => {
    const response = await fetch(`${server.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-proto': 'https' },
      body: JSON.stringify({ username: alice.name, password: 'correct horse' }),
    });
    await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie().join()).not.toMatch(/secure/i);
  });

  it('lets people write while many sign in: a message does not wait for a password', async () => {
    let signedIn = 0;
    const logins = upTo(40).map(() => server.elsewhere(alice).then(() => (signedIn += 1)));
    for (const n of upTo(20)) await bob.say(alice._id, `meanwhile ${n}`);
    // Were passwords hashed between the messages, each message would wait for one of them at least.
    expect(signedIn).toBeLessThan(20);
    await Promise.all(logins);
    expect(signedIn).toBe(40);
  });

  it('writes nobody’s words, tokens or passwords to its log', async () => {
    await alice.say(bob._id, 'the words of alice');
    expect(server.logged.join('')).toContain('/api/messages/send/');
    for (const secret of ['the words of alice', alice.token, 'correct horse', 'for bob alone']) {
      expect(server.logged.join('')).not.toContain(secret);
    }
  });
});

describe('with the limits on', () => {
  let strict: TestServer;
  beforeAll(async () => {
    strict = await startServer({
      settings: {
        LIMIT_SENDS_PER_USER_10S: '20',
        LIMIT_EVENTS_PER_SOCKET_10S: '30',
        LIMIT_REQUESTS_PER_USER_10S: '30',
      },
      // Windows that do not end while a test runs, however slow the machine is.
      countIn: (window) => countInMemory({ ...window, windowSeconds: 3_600 }),
    });
  });
  afterAll(() => strict.close());

  it.each([
    ['what is for admins', '/api/admin/reports'],
    ['what is not there', '/api/nothing/at/all'],
  ])('somebody who asks for %s too often is refused', async (_what, path) => {
    const curious = await strict.person('curious');
    const statuses: number[] = [];
    for (let times = 0; times < 31; times += 1) statuses.push((await curious.get(path)).status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(404));
    expect(statuses.at(-1)).toBe(429);
    expect((await strict.ask(path)).status).toBe(404);
  });

  it('somebody who connects again and again has to wait, and others still connect', async () => {
    const [restless, calm] = await strict.people('restless', 'calm');
    for (let times = 0; times < 30; times += 1) (await restless.sori()).socket.disconnect();
    expect(await refusal(restless.knock())).toMatchObject({ code: 'RATE_LIMITED' });
    (await calm.sori()).socket.disconnect();
  });

  it('a flood of messages is refused with the time to wait, over REST and the socket, and delays nobody else', async () => {
    const [flooder, one, other] = await strict.people('flooder', 'one', 'other');
    const [tab, recipient] = [await flooder.sori(), await other.sori()];
    const outcomes = await Promise.all([
      ...upTo(15).map((n) => flooder.send('REST', other._id, { message: `r${n}` })),
      ...upTo(15).map((n) => tab.ask('message:send', { to: other._id, message: `s${n}`, clientId: `s${n}` })),
    ]);
    const refused = outcomes.filter((outcome) => outcome['code' as keyof typeof outcome] !== undefined);
    expect(refused).toHaveLength(10);
    expect(refused).toEqual(refused.map(() => expect.objectContaining({ code: 'RATE_LIMITED' }) as unknown));
    const rest = await flooder.post(`/api/messages/send/${other._id}`, { message: 'more' });
    expect(rest.status).toBe(429);
    expect(Number(rest.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    const answers = await Promise.all(upTo(40).map(() => tab.ask('presence:watch', { userIds: [] })));
    expect(answers.at(-1)).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: expect.any(Number) as number,
    });
    const { _id } = await one.say(other._id, 'hello from me');
    let received = (await recipient.next('newMessage')) as Message;
    while (received._id !== _id) received = (await recipient.next('newMessage')) as Message;
    expect(received.senderId).toBe(one._id);
  });
});
