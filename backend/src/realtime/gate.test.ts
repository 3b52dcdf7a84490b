import { once } from 'node:events';
import { connect } from 'node:net';
import { alice, bob, type Live, startLive } from '../testing/live.js';
import { rawPolling } from '../testing/raw-connections.js';

/** Everything that the server answers to an upgrade, as it came over the wire. */
async function upgrade(port: number, headers: Record<string, string>, query = 'EIO=4'): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.write([`GET /socket.io/?transport=websocket&${query} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  let answer = '';
  socket.on('data', (data) => (answer += data.toString()));
  await once(socket, 'close');
  return answer;
}

describe('the gate', () => {
  let live: Live;
  beforeEach(async () => {
    live = await startLive({ originAllowed: ({ headers }) => headers.origin !== 'http://evil.example' });
  });
  afterEach(async () => {
    await live.close();
    expect(live.bugs).toEqual([]);
  });
  const forbidden = { error: 'This page may not talk to this server', code: 'FORBIDDEN' };

  it("answers 403 to a WebSocket from somebody else's page, whatever cookie it brings", async () => {
    const answer = await upgrade(live.port, {
      Origin: 'http://evil.example',
      Cookie: `jwt=${live.signIn(alice)}`,
    });
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(head).toMatch(/content-type: application\/json/i);
    expect(JSON.parse(body)).toEqual(forbidden);
  });

  it("answers 403 to long polling from somebody else's page", async () => {
    const answer = await fetch(`${live.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { origin: 'http://evil.example' },
    });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual(forbidden);
  });

  it("keeps somebody else's page away from a connection that is there already", async () => {
    const engine = `${live.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(engine)).text()).slice(1)) as { sid: string };
    const answer = await fetch(`${engine}&sid=${sid}`, {
      method: 'POST',
      body: '40',
      headers: { origin: 'http://evil.example' },
    });
    expect(answer.status).toBe(403);
  });

  it('lets an allowed page in, and read the answers', async () => {
    const answer = await fetch(`${live.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { origin: 'http://friend.example' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://friend.example');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    await live.sori(alice, { extraHeaders: { origin: 'http://friend.example' } });
  });

  it.each([
    ['an answer as a script', 'GET', 'EIO=4&transport=polling&j=0'],
    ['an answer as a script, to a connection that is there', 'GET', 'EIO=4&transport=polling&sid=SID&j=0'],
    ['an answer as a script, without a number', 'POST', 'EIO=4&transport=polling&sid=SID&j'],
    ['an older protocol', 'GET', 'EIO=3&transport=polling'],
    ['a protocol to come', 'GET', 'EIO=5&transport=polling'],
    ['no protocol', 'GET', 'transport=polling'],
    ['no transport', 'GET', 'EIO=4'],
    ['an unknown transport', 'GET', 'EIO=4&transport=constructor'],
    ['a WebSocket without an upgrade', 'GET', 'EIO=4&transport=websocket'],
    ['the WebSocket of a connection that is there', 'GET', 'EIO=4&transport=websocket&sid=SID'],
    ['a connection that is not there', 'GET', 'EIO=4&transport=polling&sid=__proto__'],
    ['two connections', 'GET', 'EIO=4&transport=polling&sid=SID&sid='],
    ['a handshake by POST', 'POST', 'EIO=4&transport=polling'],
    ['a method that means nothing here', 'PUT', 'EIO=4&transport=polling&sid=SID'],
    ['a method that means nothing here, for a handshake', 'DELETE', 'EIO=4&transport=polling'],
  ])('answers 400 where %s is asked for, and nobody is cut for it', async (_what, method, query) => {
    const { sid, isOpen } = await rawPolling(live.url);
    const answer = await fetch(`${live.url}/socket.io/?${query.replace('SID', sid)}`, { method });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch('application/json');
    expect(await answer.json()).toEqual({ error: expect.any(String) as string, code: 'INVALID' });
    expect(await isOpen()).toBe(true);
  });

  it('answers 400 to a WebSocket of an older protocol, or for a connection that is not there', async () => {
    for (const query of ['EIO=3', 'EIO=4&sid=nobodys', 'EIO=4&j=0', 'EIO=4&transport=polling']) {
      const answer = await upgrade(live.port, {}, query);
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code: 'INVALID' });
    }
  });

  it("serves Socket.IO's own client, for pages without a build", async () => {
    const answer = await fetch(`${live.url}/socket.io/socket.io.js`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch('javascript');
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'");
    await answer.arrayBuffer();
  });
});

describe('stopping', () => {
  let live: Live;
  beforeEach(async () => {
    live = await startLive();
  });
  afterEach(() => live.close());

  it('lets nobody new in, and leaves those alone who are there', async () => {
    const client = await live.sori(alice);
    live.sockets.refuseNew();
    const answer = await fetch(`${live.url}/socket.io/?EIO=4&transport=polling`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await answer.json()).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await upgrade(live.port, {})).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    await client.settled();
  });

  it('lets nobody new in on a connection that is open already', async () => {
    const engine = `${live.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(engine)).text()).slice(1)) as { sid: string };
    live.sockets.refuseNew();
    const connecting = `40${JSON.stringify({ token: live.signIn(alice), protocol: 1 })}`;
    await fetch(`${engine}&sid=${sid}`, { method: 'POST', body: connecting });
    const answer = await (await fetch(`${engine}&sid=${sid}`)).text();
    expect(answer).toMatch(/^44/);
    expect(JSON.parse(answer.slice(2))).toMatchObject({ data: { code: 'UNAVAILABLE' } });
  });

  it('closes a few one after the other, and they will come back by themselves', async () => {
    const clients = [await live.sori(alice), await live.sori(bob), await live.tutorial(bob)];
    const closing = live.sockets.closeSockets();
    await Promise.race(clients.map((client) => client.gone()));
    expect(clients.filter(({ socket }) => socket.connected)).toHaveLength(2);
    live.clock.advance(200);
    for (const client of clients) expect(await client.gone()).toBe('transport close');
    expect(clients.every(({ socket }) => socket.active)).toBe(true);
    await closing;
  });

  it('is done at once where nobody is there, and twice is once', async () => {
    await live.sockets.closeSockets();
    await live.sockets.closeSockets();
  });

  it('spreads many over three seconds', async () => {
    const clients = await Promise.all(Array.from({ length: 70 }, () => live.tutorial(alice)));
    const closing = live.sockets.closeSockets();
    const gone = clients.map((client) => client.gone());
    await Promise.race(gone);
    expect(clients.filter(({ socket }) => socket.connected).length).toBeGreaterThanOrEqual(67);
    live.clock.advance(1_000);
    expect(live.io.engine.clientsCount).toBeGreaterThanOrEqual(37);
    live.clock.advance(2_000);
    await Promise.all(gone);
    await closing;
  });
});
