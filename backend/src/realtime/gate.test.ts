import { once } from 'node:events';
import { connect } from 'node:net';
import { alice, bob, type Live, startLive } from '../testing/live.js';

/** Everything that the server answers to an upgrade, as it came over the wire. */
async function upgrade(port: number, headers: Record<string, string>): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.write(['GET /socket.io/?EIO=4&transport=websocket HTTP/1.1', ...lines, '', ''].join('\r\n'));
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
