import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, startNginx, type TestNginx } from '@sori/testkit';

/** What nginx does with a request, as deploy/nginx.conf has it: seen by servers that only note what reaches them. */

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const says =
  (status: number, body: string): Answer =>
  (_request, response) =>
    response.writeHead(status).end(body);
/** Takes the request, and dies. */
const dies: Answer = ({ socket }) => void socket.destroy();

interface Noted {
  port: number;
  requests: IncomingMessage[];
  answer: Answer;
  server: Server;
}

async function notes(name: string, port = 0): Promise<Noted> {
  const server = createServer((asked, response) => {
    noted.requests.push(asked);
    asked.resume().once('end', () => noted.answer(asked, response));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const noted: Noted = {
    port: (server.address() as AddressInfo).port,
    requests: [],
    answer: says(200, name),
    server,
  };
  // What is no WebSocket here is told so, as a server of ours that stops does.
  server.on('upgrade', (asked, socket) => {
    noted.requests.push(asked);
    socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 7\r\nConnection: close\r\n\r\nstopped');
  });
  return noted;
}

async function closed({ server }: Noted): Promise<void> {
  const done = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await done;
}

const get = async (url: string, init: RequestInit = {}) => {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const post = (url: string, body = 'x', headers: Record<string, string> = {}) =>
  get(url, { method: 'POST', body, headers });

let a: Noted;
let b: Noted;
let nginx: TestNginx;
const asked = (): number[] => [a, b].map(({ requests }) => requests.length);
beforeEach(async () => {
  [a, b] = await Promise.all([notes('a'), notes('b')]);
  nginx = await startNginx({ ports: [a.port, b.port] });
});
afterEach(async () => {
  await nginx.stop();
  await Promise.all([a, b].filter(({ server }) => server.listening).map(closed));
});

describe('a server that fails', () => {
  it('has nobody’s POST done a second time by another one, and its sender is told to come again', async () => {
    for (const one of [a, b]) one.answer = dies;
    const { status, headers, text } = await post(`${nginx.url}/api/messages/send/somebody`);
    expect(asked().sort()).toEqual([0, 1]);
    expect({ status, ...(JSON.parse(text) as object) }).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(headers.get('content-type')).toBe('application/json');
  });

  it('does not keep somebody from reading: the next one answers', async () => {
    for (const one of [a, b]) {
      const other = one === a ? 'b' : 'a';
      // Whoever is asked first dies.
      one.answer = (...given) => (asked().includes(0) ? dies : says(200, `in place of ${other}`))(...given);
    }
    expect((await get(`${nginx.url}/api/messages/somebody`)).text).toContain('in place of');
    expect(asked()).toEqual([1, 1]);
  });

  it('is passed over by what had not reached it, a POST too', async () => {
    await closed(a);
    for (let turn = 0; turn < 4; turn += 1)
      expect(await post(`${nginx.url}/api/messages/send/somebody`)).toMatchObject({ status: 200, text: 'b' });
    expect(asked()).toEqual([0, 4]);
  });

  it('is told from one that has no answer: what it says is passed on, and asked of nobody else', async () => {
    for (const one of [a, b]) one.answer = says(503, '{"code":"UNAVAILABLE"}');
    expect((await get(`${nginx.url}/api/conversations`)).text).toBe('{"code":"UNAVAILABLE"}');
    expect(asked().sort()).toEqual([0, 1]);
    // Nor is it shunned for that: its database is away, and the page is there all the same.
    for (const one of [a, b]) one.answer = says(200, 'a page');
    for (let turn = 0; turn < 4; turn += 1) await get(nginx.url);
    expect(Math.min(...asked())).toBeGreaterThanOrEqual(2);
  });

  it('is said in our own words where there is no other', async () => {
    await Promise.all([closed(a), closed(b)]);
    for (const path of ['/api/conversations', '/socket.io/?EIO=4&transport=polling']) {
      const { status, headers, text } = await get(nginx.url + path, { headers: { 'X-Request-Id': 'mine' } });
      expect({ status, ...(JSON.parse(text) as object) }).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
      expect(headers.get('x-request-id')).toBe('mine');
    }
  });
});

describe('a server that stops', () => {
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };

  function askForWebSocket(): Promise<number> {
    const key = { 'Sec-WebSocket-Key': Buffer.from('a key of 16 byte').toString('base64') };
    const path = '/socket.io/?EIO=4&transport=websocket';
    return new Promise((resolve, reject) => {
      const sent = request(nginx.url + path, { headers: { ...upgrade, ...key } });
      sent.once('upgrade', (_response, socket) => {
        socket.destroy();
        resolve(101);
      });
      sent.once('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.once('error', reject).end();
    });
  }

  it('sends newcomers on to the next one, and then gets no more of them', async () => {
    b.server.removeAllListeners('upgrade').on('upgrade', (came, socket) => {
      b.requests.push(came);
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    });
    for (let turn = 0; turn < 5; turn += 1) expect(await askForWebSocket()).toBe(101);
    expect(asked()).toEqual([1, 5]);
    expect(b.requests[0]?.headers).toMatchObject({ connection: 'upgrade', upgrade: 'websocket' });
  });

  it('sends a polling newcomer on as well, but nobody who has a connection there', async () => {
    const stops = says(503, 'stopping');
    for (const one of [a, b])
      one.answer = (...given) => (asked().includes(0) ? stops : says(200, 'ok'))(...given);
    expect((await get(`${nginx.url}/socket.io/?EIO=4&transport=polling`)).text).toBe('ok');
    expect(asked()).toEqual([1, 1]);
  });
});

describe('two versions beside each other', () => {
  it('have each the files of their own pages, wherever somebody asks for them', async () => {
    b.answer = says(404, 'unknown');
    for (let turn = 0; turn < 4; turn += 1)
      expect(await get(`${nginx.url}/assets/page-of-a.js`)).toMatchObject({ status: 200, text: 'a' });
    // Nor is a server shunned for what it does not have.
    expect(asked()[1]).toBeGreaterThan(1);
    a.answer = says(404, 'unknown');
    expect(await get(`${nginx.url}/assets/page-of-nobody.js`)).toMatchObject({ status: 404 });
  });
});

describe('long polling', () => {
  const poll = (cookie?: string, method = 'GET') =>
    get(`${nginx.url}/socket.io/?EIO=4&transport=polling&sid=one`, {
      method,
      headers: cookie === undefined ? {} : { cookie },
    }).then(({ text }) => text);

  it('holds a program without cookies to one server', async () => {
    const servers = new Set<string>();
    for (let turn = 0; turn < 6; turn += 1) servers.add(await poll(undefined, turn % 2 ? 'POST' : 'GET'));
    expect(servers.size).toBe(1);
  });

  it('spreads people behind one address, and holds each to one server', async () => {
    const cookies = new Set<string>();
    const servers = new Set<string>();
    for (let person = 0; person < 20; person += 1) {
      const { headers } = await get(`${nginx.url}/api/auth/me`);
      const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';');
      expect(cookie).toMatch(/^sori_route=\w{32}$/);
      expect(headers.get('set-cookie')).toMatch(/HttpOnly/);
      cookies.add(cookie);
      const server = await poll(cookie);
      expect(await poll(cookie, 'POST')).toBe(server);
      servers.add(server);
    }
    expect([...servers].sort()).toEqual(['a', 'b']);
    expect(cookies.size).toBe(20);
  });

  it('gives no cookie to who has one, nor with what others may keep for many', async () => {
    const again = await get(`${nginx.url}/api/auth/me`, { headers: { cookie: 'sori_route=mine' } });
    expect(again.headers.get('set-cookie')).toBeNull();
    expect((await get(`${nginx.url}/assets/page.js`)).headers.get('set-cookie')).toBeNull();
    expect(
      (await get(`${nginx.url}/socket.io/?EIO=4&transport=polling`)).headers.get('set-cookie'),
    ).toBeNull();
  });

  it('leads the WebSocket into which it turns to the same server', async () => {
    const polled = await poll('sori_route=somebody');
    const before = asked();
    const path = '/socket.io/?EIO=4&transport=websocket&sid=one';
    for (let turn = 0; turn < 3; turn += 1)
      expect((await get(nginx.url + path, { headers: { cookie: 'sori_route=somebody' } })).text).toBe(polled);
    expect(asked().map((count, index) => count - (before[index] ?? 0))).toEqual(
      polled === 'a' ? [3, 0] : [0, 3],
    );
  });
});

describe('what a server is told', () => {
  const last = () => [...a.requests, ...b.requests].at(-1)?.headers;

  it('is where somebody came from, whatever they say of themselves', async () => {
    await post(`${nginx.url}/api/auth/login`, '{}', {
      'X-Forwarded-For': '192.0.2.1',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'somebody.example',
    });
    expect(last()).toMatchObject({
      host: `127.0.0.1:${nginx.port}`,
      // The last one is nginx's own, and the one that TRUST_PROXY_HOPS=1 believes.
      'x-forwarded-for': '192.0.2.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': `127.0.0.1:${nginx.port}`,
    });
  });

  it('is an id for each request: the caller’s own where it is one, else a new one', async () => {
    await get(nginx.url, { headers: { 'X-Request-Id': 'mine_1' } });
    expect(last()).toMatchObject({ 'x-request-id': 'mine_1' });
    for (const strange of ['with a space', 'x'.repeat(65)]) {
      await get(nginx.url, { headers: { 'X-Request-Id': strange } });
      expect(last()?.['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  it('is what was asked, letter for letter', async () => {
    await get(`${nginx.url}/api/users?search=%E3%85%81%E3%85%88&after=%2F..%2F`);
    expect([...a.requests, ...b.requests].at(-1)?.url).toBe(
      '/api/users?search=%E3%85%81%E3%85%88&after=%2F..%2F',
    );
  });

  it('is nothing of metrics: those are about one server', async () => {
    expect((await get(`${nginx.url}/metrics`)).status).toBe(404);
    expect(asked()).toEqual([0, 0]);
  });

  it('is a body of every size that a server wants to see', async () => {
    const large = 'x'.repeat(64 * 1024 * 1024);
    expect((await post(`${nginx.url}/api/messages/send/somebody`, large)).status).toBe(200);
  });

  it.each(['/api/files', '/api/uploads/f00', '/api/files/f00?size=thumb'])(
    'is an upload that is still on its way (%s)',
    async (path) => {
      const arrived = Promise.race([a, b].map(({ server }) => once(server, 'request')));
      const headers = { 'Content-Length': '1000000' };
      const sent = request(nginx.url + path, { method: 'PATCH', headers }).on('error', () => undefined);
      sent.write('only the beginning');
      const [seen] = (await arrived) as [IncomingMessage];
      expect(seen.url).toBe(path);
      sent.destroy();
    },
  );

  it('is no body beyond that, and its sender is told so in our form', async () => {
    const tooLarge = await new Promise<string>((resolve, reject) => {
      const headers = { 'Content-Length': String(200 * 1024 * 1024) };
      const sent = request(`${nginx.url}/api/messages/send/somebody`, { method: 'POST', headers });
      sent.once('response', (response) => {
        let text = String(response.statusCode);
        response.on('data', (chunk: Buffer) => (text += chunk.toString())).once('end', () => resolve(text));
      });
      sent.once('error', reject).flushHeaders();
    });
    expect(tooLarge).toMatch(/^413\{.*"code":"TOO_LARGE"/);
    expect(asked()).toEqual([0, 0]);
  });
});

it('keeps connections to the servers open from one request to the next', async () => {
  let connections = 0;
  for (const { server } of [a, b]) server.on('connection', () => (connections += 1));
  for (let turn = 0; turn < 20; turn += 1) await get(nginx.url);
  expect(asked()[0]).toBeGreaterThan(5);
  // One for each worker of nginx and each server at most.
  expect(connections).toBeLessThan(20);
});

describe('with TLS, as the file says', () => {
  let folder: string;
  let secure: TestNginx;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sori-test-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    await promisify(execFile)('openssl', [...made, '-keyout', key, '-out', certificate]);
  });
  beforeEach(async () => {
    const tls = { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem') };
    secure = await startNginx({ ports: [a.port, b.port], tls });
  });
  afterEach(() => secure.stop());
  afterAll(() => rm(folder, { recursive: true }));

  it('speaks HTTP/2, says so to the server, and has browsers come by https from then on', async () => {
    const session = connectHttp2(secure.url, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/api/auth/me' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    stream.resume();
    await once(stream, 'end');
    session.close();
    expect(headers[constants.HTTP2_HEADER_STATUS]).toBe(200);
    expect(headers['strict-transport-security']).toMatch(/^max-age=/);
    expect(String(headers['set-cookie'])).toMatch(/^sori_route=/);
    const seen = [...a.requests, ...b.requests][0]?.headers;
    expect(seen).toMatchObject({ host: `127.0.0.1:${secure.port}`, 'x-forwarded-proto': 'https' });
  });
});

it('comes back to a server that was away', async () => {
  const port = await freePort();
  await nginx.stop();
  nginx = await startNginx({ ports: [a.port, port] });
  expect((await get(nginx.url)).text).toBe('a');
  expect((await get(nginx.url)).text).toBe('a');
  const late = await notes('late', port);
  try {
    // Once those 3 s are over.
    for (let text = ''; text !== 'late';) ({ text } = await get(nginx.url));
  } finally {
    await closed(late);
  }
});
