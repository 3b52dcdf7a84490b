import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express, { Router } from 'express';
import { pino } from 'pino';
import { createLimits } from '../limits/limits.js';
import { createTurns, heavyTurns, type Turns } from '../limits/turns.js';
import { noLimits } from '../testing/accounts-app.js';
import { createAdmission } from './admission.js';
import { createAskers } from './callers.js';
import { endMiddleware, useMiddleware } from './middleware.js';

const log = pino({ level: 'silent' });
let server: Server | undefined;

type Init = Omit<RequestInit, 'headers'> & {
  as?: string;
  from?: string;
  headers?: Record<string, string>;
};

/** What was begun and not answered yet, in order. */
interface Work {
  what: string;
  done: () => void;
  fail: () => void;
}

/** The middleware with its admission, and routes of the contract that are answered when the test says so. */
async function start(limits: Partial<typeof noLimits> = {}) {
  const config = { allowedOrigins: [], allowedHosts: [], trustProxyHops: 1 };
  const real = createTurns({ ...heavyTurns, atOnce: 2, waitingPerPerson: 2 });
  const [begun, takes, leaves]: [Work[], string[], string[]] = [[], [], []];
  const changes = new EventEmitter();
  const add = <Item>(list: Item[], item: Item): void => {
    list.push(item);
    changes.emit('change');
  };
  const turns: Turns = {
    take(userId, asker) {
      const turn = real.take(userId, asker);
      add(takes, userId);
      return turn;
    },
    leave(userId, asker) {
      real.leave(userId, asker);
      add(leaves, userId);
    },
  };
  /** Resolves once the list has this many. */
  const filled = async (list: readonly unknown[], count: number): Promise<void> => {
    while (list.length < count) await once(changes, 'change');
  };
  const admission = createAdmission({
    limits: createLimits({ ...noLimits, ...limits }),
    turns,
    trustProxyHops: 1,
    whose: (headers) => Promise.resolve({ userId: headers.authorization?.split(' ')[1] ?? '' }),
  });
  const app = useMiddleware(express(), { config, log, admission });
  const router = Router();
  router.get('/avatars/:name', (_request, response) => void response.json('a picture'));
  const whose = (token: string) => Promise.resolve({ userId: token, sessionId: token });
  const { account } = createAskers({
    account: whose,
    visitor: whose,
    seen: () => Promise.resolve(),
    isAdmin: () => Promise.resolve(false),
  });
  router.use(async (request, response, next) => {
    await account(request, response);
    next();
  });
  router.get('/auth/me', (_request, response) => void response.json('it is you'));
  router.get('/conversations/:id', async (request, response) => {
    await new Promise<void>((done, fail) => {
      add(begun, { what: request.params.id, done, fail: () => fail(new Error('broken')) });
    });
    response.json('x'.repeat(Number(request.query['size'] ?? 1)));
  });
  router.delete('/conversations/:id/members/:userId', (_request, response) => void response.json('gone'));
  router.get('/users', (_request, response) => void response.json([]));
  router.post('/conversations', (_request, response) => void response.json('a group'));
  app.use('/api', router);
  endMiddleware(app, { log });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    begun,
    /** Who has waited for a turn. */
    takes,
    /** Resolve once so many were begun, are in the line or behind it, were taken out of it. */
    atLeast: (count: number) => filled(begun, count),
    asked: (count: number) => filled(takes, count),
    left: (count: number) => filled(leaves, count),
    ask: (path: string, init: Init = {}): Promise<Response> => {
      const { as = 'alice', from = '192.0.2.1', ...rest } = init;
      return fetch(`http://127.0.0.1:${port}${path}`, {
        ...rest,
        headers: { authorization: `Bearer ${as}`, 'x-forwarded-for': from, ...rest.headers },
      });
    },
  };
}
afterEach(async () => {
  const closed = new Promise((resolve) => server?.close(resolve));
  server?.closeAllConnections();
  await closed;
});

describe('an OPTIONS request', () => {
  it('is left to the routes, though it has no cost', async () => {
    const { ask } = await start({});
    expect((await ask('/api/bootstrap', { method: 'OPTIONS' })).status).toBe(404);
  });
});

describe('requests are counted', () => {
  it('by address, before anybody reads the body or looks who asks', async () => {
    const { ask } = await start({ requestsPerAddress10s: 2 });
    for (const as of ['alice', 'bob']) expect((await ask('/api/auth/me', { as })).status).toBe(200);
    const headers = { 'content-type': 'application/json' };
    const third = await ask('/api/conversations', { method: 'POST', body: '{', headers, as: '' });
    expect(third.status).toBe(429);
    expect(await third.json()).toMatchObject({ code: 'RATE_LIMITED' });
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask('/api/auth/me', { from: '192.0.2.2' })).status).toBe(200);
  });

  it.each([
    ['a long body counts by its length', 48 * 1024, 429],
    ['a short body costs nothing more', 16 * 1024 - 1, 200],
  ])('%s', async (_what, bytes, second) => {
    const { ask } = await start({ requestsPerAddress10s: 6 });
    const post = (): Promise<Response> =>
      ask('/api/conversations', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"name":"${'x'.repeat(bytes - 11)}"}`,
      });
    expect([(await post()).status, (await post()).status]).toEqual([200, second]);
  });

  it('a body whose length is not said costs one more', async () => {
    const { ask } = await start({ requestsPerAddress10s: 4 });
    const post = async (): Promise<number> => {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: new Blob(['{}']).stream(),
        duplex: 'half' as const,
      };
      return (await ask('/api/conversations', init)).status;
    };
    expect([await post(), await post(), await post()]).toEqual([200, 200, 429]);
  });

  it('a long body counts as the person’s before it is read, from wherever they send it', async () => {
    const { ask } = await start({ requestsPerUser10s: 6 });
    const post = (from: string, body: string): Promise<Response> =>
      ask('/api/conversations', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        from,
      });
    expect((await post('192.0.2.1', `{"name":"${'x'.repeat(48 * 1024)}"}`)).status).toBe(200);
    // Read, it would be a 400.
    expect((await post('192.0.2.2', '{'.repeat(48 * 1024))).status).toBe(429);
    expect((await post('192.0.2.2', '{'.repeat(48 * 1024))).status).toBe(429);
    expect((await ask('/api/auth/me', { as: 'bob' })).status).toBe(200);
  });

  it('and somebody who is refused over and over waits for each answer', async () => {
    const { ask } = await start({ requestsPerUser10s: 1 });
    const begin = performance.now();
    for (const status of [200, 429, 429]) expect((await ask('/api/auth/me')).status).toBe(status);
    expect(performance.now() - begin).toBeGreaterThan(390);
  });

  it('by person, from wherever they ask', async () => {
    const { ask } = await start({ requestsPerUser10s: 2 });
    for (const from of ['192.0.2.1', '192.0.2.2']) {
      expect((await ask('/api/auth/me', { from })).status).toBe(200);
    }
    const third = await ask('/api/auth/me', { from: '192.0.2.3' });
    expect(third.status).toBe(429);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask('/api/auth/me', { as: 'bob' })).status).toBe(200);
  });

  it('but avatars are not, nor what is not part of the API', async () => {
    const { ask } = await start({ requestsPerAddress10s: 1, requestsPerUser10s: 1 });
    for (let time = 0; time < 5; time += 1) expect((await ask('/api/avatars/a.svg')).status).toBe(200);
    for (let time = 0; time < 5; time += 1) expect((await ask('/healthz')).status).toBe(404);
    expect((await ask('/api/auth/me')).status).toBe(200);
    expect((await ask('/api/auth/me')).status).toBe(429);
  });

  it.each([
    ['people who are put into a group', '/api/conversations', 451],
    ['the same, written otherwise', '/API/Conversations/', 451],
    ['a search', '/api/users?search=kim', undefined],
  ])('by what they cost: %s', async (_what, path, people) => {
    const { ask } = await start({ requestsPerUser10s: 11 });
    const init =
      people === undefined
        ? {}
        : {
            method: 'POST',
            body: JSON.stringify({ name: 'Us', memberIds: Array.from({ length: people }, String) }),
            headers: { 'content-type': 'application/json' },
          };
    for (let time = 0; people === undefined && time < 2; time += 1) await ask(path, init);
    expect((await ask(path, init)).status).toBe(people === undefined ? 429 : 200);
    expect((await ask('/api/auth/me')).status).toBe(people === undefined ? 429 : 200);
    expect((await ask('/api/auth/me')).status).toBe(429);
  });

  it('so that a request that costs more than the whole budget is still possible, alone', async () => {
    const { ask } = await start({ requestsPerUser10s: 3 });
    expect((await ask('/api/users?search=kim&limit=100')).status).toBe(200);
    expect((await ask('/api/auth/me')).status).toBe(429);
  });
});

describe('heavy requests of one person', () => {
  it('are answered one after the other, while light ones and other people are not held up', async () => {
    const { ask, asked, begun, atLeast } = await start();
    const first = ask('/api/conversations/1');
    await atLeast(1);
    const second = ask('/api/CONVERSATIONS/2/');
    await asked(2);
    expect((await ask('/api/auth/me')).status).toBe(200);
    const other = ask('/api/conversations/3', { as: 'bob' });
    await atLeast(2);
    expect(begun.map(({ what }) => what)).toEqual(['1', '3']);
    begun[0]?.fail();
    expect((await first).status).toBe(500);
    await atLeast(3);
    for (const { done } of begun) done();
    expect((await Promise.all([second, other])).map(({ status }) => status)).toEqual([200, 200]);
  });

  it.each(['/api/conversations/1/members/2', '/API/conversations/1/MEMBERS/2/'])(
    'are those too that take something away: DELETE %s',
    async (path) => {
      const { ask, takes } = await start();
      expect((await ask(path, { method: 'DELETE' })).status).toBe(200);
      expect(takes).toEqual(['alice']);
    },
  );

  it('are refused beyond the length of the queue, with the time to come back', async () => {
    const { ask, begun, atLeast } = await start();
    const first = ask('/api/conversations/1');
    await atLeast(1);
    const others = ['2', '3', '4'].map((id) => ask(`/api/conversations/${id}`));
    const refused = await Promise.race(others);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    for (const count of [1, 2, 3]) {
      await atLeast(count);
      begun[count - 1]?.done();
    }
    expect((await first).status).toBe(200);
    const statuses = (await Promise.all(others)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 200, 429]);
  });

  it('leave the queue when the person disconnects', async () => {
    const { ask, asked, left, begun, atLeast } = await start();
    const first = ask('/api/conversations/1');
    await atLeast(1);
    const gone = new AbortController();
    const second = ask('/api/conversations/2', { signal: gone.signal }).catch(() => 'gone');
    await asked(2);
    const third = ask('/api/conversations/3');
    await asked(3);
    expect((await ask('/api/conversations/4')).status).toBe(429);
    gone.abort();
    expect(await second).toBe('gone');
    await left(1);
    const fifth = ask('/api/conversations/5');
    for (const count of [1, 2, 3]) {
      await atLeast(count);
      begun[count - 1]?.done();
    }
    for (const answer of [first, third, fifth]) expect((await answer).status).toBe(200);
    expect(begun.map(({ what }) => what)).toEqual(['1', '3', '5']);
  });

  it('keep their turn until the answer is made, and no longer: somebody who does not read it delays nobody', async () => {
    const { ask, asked, begun, atLeast, port } = await start();
    const deaf = connect(port, '127.0.0.1').pause();
    deaf.write(
      'GET /api/conversations/1?size=30000000 HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer alice\r\n\r\n',
    );
    await atLeast(1);
    const second = ask('/api/conversations/2');
    await asked(2);
    begun[0]?.done();
    await atLeast(2);
    begun[1]?.done();
    expect((await second).status).toBe(200);
    deaf.destroy();
  });

  it('keep their turn even if the client disconnected while they were made', async () => {
    const { ask, asked, begun, atLeast } = await start();
    const gone = new AbortController();
    const first = ask('/api/conversations/1', { signal: gone.signal }).catch(() => 'gone');
    await atLeast(1);
    gone.abort();
    expect(await first).toBe('gone');
    const second = ask('/api/conversations/2');
    await asked(2);
    expect((await ask('/api/auth/me')).status).toBe(200);
    expect(begun).toHaveLength(1);
    begun[0]?.done();
    await atLeast(2);
    begun[1]?.done();
    expect((await second).status).toBe(200);
  });
});
