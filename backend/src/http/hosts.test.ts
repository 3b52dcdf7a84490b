import { once } from 'node:events';
import { connect } from 'node:net';
import { hostAllowed } from './hosts.js';
import { startServer, type TestServer } from '../testing/server.js';

const allowed = (host: string | undefined, allowedHosts: string[], forwarded?: string): boolean =>
  hostAllowed(
    { headers: { host, 'x-forwarded-host': forwarded } },
    { allowedHosts, trustProxyHops: forwarded === undefined ? 0 : 1 },
  );

describe('a host that the settings name', () => {
  it.each([
    ['chat.example', 'chat.example'],
    ['chat.example:5000', 'chat.example'],
    ['CHAT.example', 'chat.example'],
    ['chat.example:5000', 'chat.example:5000'],
    ['chat.example', 'chat.example:443'],
    ['chat.example', 'chat.example:80'],
    ['chat.example:0443', 'chat.example:443'],
    ['xn--3e0b707e.kr', '한국.kr'],
    ['[::1]:5000', '[0::1]'],
    ['192.0.2.1:5000', '192.0.2.1'],
  ])('is answered for as %s where they say %s', (host, setting) => {
    expect(allowed(host, ['other.example', setting])).toBe(true);
  });

  it.each([
    ['evil.example', 'chat.example'],
    ['chat.example.evil.example', 'chat.example'],
    ['sub.chat.example', 'chat.example'],
    ['chat.example:8080', 'chat.example:5000'],
    ['chat.example', 'chat.example:5000'],
    ['chat.example@evil.example', 'chat.example'],
    ['evil.example@chat.example', 'chat.example'],
    ['evil.example/chat.example', 'chat.example'],
    ['chat.example/', 'chat.example'],
    ['chat.example, evil.example', 'chat.example'],
    ['', 'chat.example'],
    [undefined, 'chat.example'],
  ])('is not %s where they say %s', (host, setting) => {
    expect(allowed(host, [setting])).toBe(false);
  });

  it('is the one that our proxy was asked for', () => {
    expect(allowed('backend:5000', ['chat.example'], 'chat.example')).toBe(true);
    expect(allowed('chat.example', ['chat.example'], 'evil.example')).toBe(false);
    const withoutProxy = { headers: { host: 'evil.example', 'x-forwarded-host': 'chat.example' } };
    expect(hostAllowed(withoutProxy, { allowedHosts: ['chat.example'], trustProxyHops: 0 })).toBe(false);
  });

  it('is none that is longer than a host can be', () => {
    const long = `${'a.'.repeat(10_000)}chat.example`;
    expect(allowed(long, [long])).toBe(false);
  });

  it('is any host where they name none', () => {
    expect(allowed('anything.example', [])).toBe(true);
  });
});

describe('a server with hosts of its own', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ settings: { ALLOWED_HOSTS: 'Chat.example, 한국.kr' } });
  });
  afterAll(async () => {
    await server.close();
    expect(server.bugs()).toEqual([]);
  });

  /** Sends these lines as they are, and gives what comes back. */
  async function say(...lines: string[]): Promise<{ head: string; status: number; body: string }> {
    const socket = connect(server.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    // What was cut off is judged by what came before.
    socket.on('error', () => undefined);
    socket.write([...lines, '', ''].join('\r\n'));
    await once(socket, 'close');
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    return { head, status: Number(head.split(' ', 2)[1]), body };
  }
  const get = (path: string, ...headers: string[]) =>
    say(`GET ${path} HTTP/1.1`, ...headers, 'Connection: close');
  const upgrade = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13'].concat(
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  );

  const polling = '/socket.io/?EIO=4&transport=polling';
  const everywhere = ['/api/auth/me', '/', '/c/x', '/socket.io/socket.io.js', polling, '/api/nothing'];

  it.each(everywhere)('answers nobody who asks another one for %s', async (path) => {
    for (const host of [['Host: evil.example'], ['Host: chat.example@evil.example'], ['Host:'], []]) {
      const { status, head, body } = await get(path, ...host);
      expect({ host, status }).toEqual({ host, status: 421 });
      expect(JSON.parse(body)).toMatchObject({ code: 'MISDIRECTED', error: expect.any(String) as string });
      expect(head).toMatch(/^content-type: application\/json/im);
      expect(head).toMatch(/^content-security-policy: /im);
    }
  });

  it('lets nobody in by a WebSocket either', async () => {
    const path = '/socket.io/?EIO=4&transport=websocket';
    const lines = [`GET ${path} HTTP/1.1`, 'Host: evil.example', 'Connection: Upgrade', ...upgrade];
    const { status, body, head } = await say(...lines);
    expect(status).toBe(421);
    expect(head).toContain('421 Misdirected Request');
    expect(JSON.parse(body)).toMatchObject({ code: 'MISDIRECTED' });
  });

  it('stores nothing that was sent to another one', async () => {
    const body = JSON.stringify({
      fullName: 'Eve',
      username: 'eve',
      password: 'correct horse',
      confirmPassword: 'correct horse',
    });
    const sent = (host: string) =>
      say(
        'POST /api/auth/signup HTTP/1.1',
        `Host: ${host}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        'Connection: close',
        '',
        body,
      );
    expect((await sent('evil.example')).status).toBe(421);
    expect((await sent('chat.example')).status).toBe(201);
  });

  it('answers for its own', async () => {
    expect((await get('/api/auth/me', 'Host: chat.example:8443')).status).toBe(401);
    expect((await get('/api/auth/me', 'Host: xn--3e0b707e.kr')).status).toBe(401);
    expect((await get('/socket.io/socket.io.js', 'Host: CHAT.EXAMPLE')).status).toBe(200);
    expect((await get(polling, 'Host: chat.example')).status).toBe(200);
  });

  it('still keeps pages of others out of its own', async () => {
    const { status } = await get(polling, 'Host: chat.example', 'Origin: https://evil.example');
    expect(status).toBe(403);
  });

  it('answers health checks under every address', async () => {
    expect((await get('/healthz', 'Host: 10.0.0.7:5000')).status).toBe(200);
    expect((await get('/readyz', 'Host: 10.0.0.7:5000')).status).toBe(200);
  });
});
