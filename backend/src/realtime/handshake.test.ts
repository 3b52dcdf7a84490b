import { versions } from '@sori/contract';
import { unavailable } from '../core/errors.js';
import { alice, bob, type Live, message, refusal, startLive } from '../testing/live.js';
import { tooOften } from '../limits/limit.js';
import { tokensOf } from './handshake.js';
import type { Session } from './server.js';

describe('connecting', () => {
  let live: Live;
  beforeEach(async () => {
    live = await startLive();
  });
  afterEach(async () => {
    await live.close();
    expect(live.bugs).toEqual([]);
    expect(live.clock.waiting()).toBe(0);
  });

  it('works with the cookie, whatever other cookies there are', async () => {
    const client = live.open({
      auth: { protocol: 1 },
      extraHeaders: { cookie: `theme=dark; jwt=${live.signIn(alice)}; jwtx=1` },
    });
    expect(await client.next('heads')).toEqual({ epoch: 'first', heads: [] });
  });

  it('works with a token', async () => {
    const client = live.open({ auth: { protocol: 1, token: live.signIn(alice) } });
    await client.next('heads');
  });

  it('says first of all which program the server is, to those who speak Sori', async () => {
    const client = live.open({ auth: { protocol: 1, build: 99, token: live.signIn(alice) } });
    const names: string[] = [];
    client.socket.onAny((name: string) => names.push(name));
    expect(await client.next('versions')).toEqual(versions);
    await client.next('heads');
    expect(names[0]).toBe('versions');

    const tutorial = await live.tutorial(bob);
    tutorial.socket.onAny((name: string) => names.push(name));
    expect(names.filter((name) => name === 'versions')).toHaveLength(1);
  });

  it('works over long polling, and after the upgrade to a WebSocket', async () => {
    const client = await live.sori(alice, { transports: ['polling', 'websocket'] });
    live.emit.toPeople([alice], 'newMessage', message(bob, 1));
    expect(await client.next('newMessage')).toMatchObject({ seq: 1 });
  });

  it.each([
    ['nothing at all', {}],
    ['only a user id in the query', { query: { userId: bob } }],
    ['a user id where the proof belongs', { auth: { userId: bob, protocol: 1 } }],
    ['a token of nobody', { auth: { token: 'made up', protocol: 1 } }],
    ['an object for a token', { auth: { token: { $ne: null }, protocol: 1 } }],
    ['a list for a token', { auth: { token: ['x'], protocol: 1 } }],
    ['a cookie of nobody', { extraHeaders: { cookie: 'jwt=made-up' } }],
    ['a broken cookie', { extraHeaders: { cookie: ';;=;jwt' } }],
  ])('is refused to somebody who shows %s', async (_what, how) => {
    expect(await refusal(live.open(how))).toEqual({
      error: 'Please sign in',
      code: 'UNAUTHENTICATED',
    });
  });

  it('lets nobody without a cookie receive what is emitted to bob, who receives it', async () => {
    const thief = live.open({ query: { userId: bob } });
    const refused = refusal(thief);
    const bobs = await live.sori(bob);
    await refused;
    live.emit.toPeopleAndTutorials({ people: [bob], tutorial: [bob] }, 'newMessage', message(alice, 1));
    expect(await bobs.next('newMessage')).toMatchObject({ seq: 1 });
    expect(thief.socket.connected).toBe(false);
    expect(thief.all('newMessage')).toEqual([]);
  });

  it("takes alice for alice, though their query says 'bob'", async () => {
    const liar = await live.sori(alice, { query: { userId: bob } });
    const bobs = await live.sori(bob);
    live.emit.toPeople([bob], 'newMessage', message(alice, 1));
    await bobs.next('newMessage');
    live.emit.toPeople([alice], 'newMessage', message(alice, 2));
    expect(await liar.next('newMessage')).toMatchObject({ seq: 2 });
    expect(liar.all('newMessage')).toEqual([]);
  });

  it.each([[2], [0], ['1'], [null], [{}], [[1]], [true]])(
    'is refused to a client that speaks protocol %j',
    async (protocol) => {
      const client = live.open({ auth: { token: live.signIn(alice), protocol } });
      expect(await refusal(client)).toMatchObject({ code: 'INVALID' });
    },
  );

  it('makes one socket of a connection, however often it says CONNECT', async () => {
    const token = live.signIn(alice);
    const engine = `${live.url}/socket.io/?EIO=4&transport=polling`;
    const opened = await (await fetch(engine)).text();
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
    const connect = `40${JSON.stringify({ token, protocol: 1 })}`;
    await fetch(`${engine}&sid=${sid}`, { method: 'POST', body: Array(5).fill(connect).join('\x1e') });
    const packets: string[] = [];
    while (packets.filter((packet) => /^4[04]/.test(packet)).length < 5) {
      packets.push(...(await (await fetch(`${engine}&sid=${sid}`)).text()).split('\x1e'));
    }
    expect(packets.filter((packet) => packet.startsWith('40'))).toHaveLength(1);
    expect(live.io.sockets.sockets.size).toBe(1);
    await fetch(`${engine}&sid=${sid}`, { method: 'POST', body: '1' });
  });
});

describe('connecting under difficulties', () => {
  let live: Live;
  afterEach(() => live.close());

  it('is refused to tutorial clients where they are switched off, and to nobody else', async () => {
    live = await startLive({ tutorialClients: false });
    const cookie = `jwt=${live.signIn(alice)}`;
    expect(await refusal(live.open({ extraHeaders: { cookie } }))).toMatchObject({ code: 'INVALID' });
    await live.sori(alice);
  });

  it('is postponed, not refused, while the database is away', async () => {
    live = await startLive({ authenticate: () => Promise.reject(unavailable()) });
    const client = live.open({ auth: { token: 'any', protocol: 1 } });
    expect(await refusal(client)).toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 1_000 });
    expect(live.bugs).toEqual([]);
  });

  it('is counted by the address before the session is looked up, then by the person', async () => {
    const counted: string[] = [];
    const refusing = new Set(['address']);
    const count = (what: string) => {
      counted.push(what);
      return refusing.has(what) ? Promise.reject(tooOften(2_000)) : Promise.resolve();
    };
    let looks = 0;
    live = await startLive({
      countConnect: () => count('address'),
      countConnectOf: count,
      authenticate: () => {
        looks += 1;
        return Promise.resolve({
          userId: alice,
          sessionId: 's',
          expiresAt: new Date(Date.now() + 86_400_000),
        });
      },
    });
    const knock = () => refusal(live.open({ auth: { token: 'any', protocol: 1 } }));
    expect(await knock()).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 2_000 });
    expect(looks).toBe(0);
    refusing.clear();
    refusing.add(alice);
    expect(await knock()).toMatchObject({ code: 'RATE_LIMITED' });
    expect(counted).toEqual(['address', 'address', alice]);
    expect(live.bugs).toEqual([]);
  });

  it('is refused to whoever has too many sockets already, until one of them goes', async () => {
    live = await startLive({ mostSockets: 2 });
    const token = live.signIn(alice);
    const knock = () => live.open({ auth: { token, protocol: 1 } });
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => {
        const { socket } = knock();
        return new Promise<string>((resolve) => {
          socket.once('connect', () => resolve('in'));
          socket.once('connect_error', (error: Error & { data?: { code?: string } }) =>
            resolve(error.data?.code ?? error.message),
          );
        });
      }),
    );
    expect(outcomes.toSorted()).toEqual(['RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED', 'in', 'in']);
    // Others have places of their own.
    await live.sori(bob);
    const [first] = [...live.io.sockets.sockets.values()].filter(({ data }) => data.session.userId === alice);
    const gone = new Promise((resolve) => first?.once('disconnect', resolve));
    first?.disconnect();
    await gone;
    await live.sori(token);
    expect(await refusal(knock())).toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('says nothing of what went wrong where it is our own fault', async () => {
    live = await startLive({ authenticate: () => Promise.reject(new Error('secret')) });
    const error = await refusal(live.open({ auth: { token: 'any', protocol: 1 } }));
    expect(error).toEqual({ error: 'Something went wrong on our side', code: 'INTERNAL' });
    expect(live.bugs).toHaveLength(1);
  });

  it('closes the socket of somebody who logged out between the handshake and the joining', async () => {
    const session: Session = { userId: alice, sessionId: 's', expiresAt: new Date(Date.now() + 86_400_000) };
    let looks = 0;
    live = await startLive({
      authenticate: (token) => Promise.resolve(token === 'bobs' || ++looks === 1 ? session : null),
    });
    const late = live.open({ auth: { token: 'late', protocol: 1 } });
    expect(await late.next('session')).toEqual({ reason: 'logout' });
    expect(await late.gone()).toBe('io server disconnect');
    expect(live.presence.onlineAmong([alice])).toEqual([]);
    expect(late.all('heads')).toEqual([]);
  });

  it('looks at the session again when the database is back', async () => {
    const looks: (Session | null | Error)[] = [];
    live = await startLive({
      authenticate: () => {
        const look = looks.shift();
        return look instanceof Error ? Promise.reject(look) : Promise.resolve(look ?? null);
      },
    });
    looks.push(
      { userId: alice, sessionId: 's', expiresAt: new Date(live.clock.now() + 86_400_000) },
      unavailable(),
      unavailable(),
      null,
    );
    const client = live.open({ auth: { token: 'any', protocol: 1 } });
    await client.next('heads');
    live.clock.advance(1_000);
    await client.settled();
    expect(client.all('session')).toEqual([]);
    live.clock.advance(1_000);
    expect(await client.next('session')).toEqual({ reason: 'logout' });
    await client.gone();
  });
});

describe('the proof', () => {
  const handshake = (auth: Record<string, unknown>, cookie?: string) => ({ auth, headers: { cookie } });

  it('is the token rather than the cookie where both are there', () => {
    expect(tokensOf(handshake({ token: 'mine' }, 'jwt=other; guest=g'))).toEqual(['mine']);
  });
  it('is the cookie where the token is empty', () => {
    expect(tokensOf(handshake({ token: '' }, 'guest=g; jwt=abc'))).toEqual(['abc', 'g']);
  });
  it('is the first of two cookies, "=" signs and quotes included', () => {
    expect(tokensOf(handshake({}, 'a=1; jwt="x.y=="; jwt=second'))).toEqual(['x.y==']);
  });
  it('is nothing that is longer than any token', () => {
    const long = 'x'.repeat(5_000);
    expect(tokensOf(handshake({ token: long }, 'jwt=abc'))).toEqual([]);
    expect(tokensOf(handshake({}, `jwt=${long}; guest=g`))).toEqual(['g']);
  });
  it('is not a cookie when a token of another type was given', () => {
    expect(tokensOf(handshake({ token: {} }, 'jwt=abc'))).toEqual([]);
  });
});
