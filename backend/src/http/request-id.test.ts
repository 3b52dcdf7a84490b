import { request as ask } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { useServer } from '../testing/use-server.js';

const server = useServer({
  settings: { ALLOWED_HOSTS: '127.0.0.1', ALLOWED_ORIGINS: 'https://chat.example.org', LOG_LEVEL: 'info' },
});

const made = /^[0-9a-f-]{36}$/;
const header = 'x-request-id';

/** The id that is answered. `fetch` cannot name a host, nor upgrade. */
const idOf = (path: string, headers: Record<string, string> = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = ask({ port: server.port, host: '127.0.0.1', path, headers }, (response) => {
      response.resume();
      resolve(String(response.headers[header]));
    });
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(String(response.headers[header]));
    });
    request.on('error', reject);
    request.end();
  });

const upgrade = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};

describe('the id of a request', () => {
  it.each([
    ['one that is answered', '/api/lab', {}],
    ['one for what is not there', '/api/no-such-thing', {}],
    ['one for the page', '/', {}],
    ['one for a file that is not there', '/no-such.js', {}],
    ['one to a host that is not ours', '/api/lab', { host: 'elsewhere.example.org' }],
    ['a handshake of long polling', '/socket.io/?EIO=4&transport=polling', {}],
    ['a handshake that is refused', '/socket.io/?EIO=3&transport=polling', {}],
    ['a WebSocket', '/socket.io/?EIO=4&transport=websocket', upgrade],
    ['a WebSocket that is refused', '/socket.io/?EIO=3&transport=websocket', upgrade],
    ['a WebSocket to nowhere', '/socket.io/?EIO=4&transport=websocket&sid=gone', upgrade],
  ])('is in the answer to %s', async (_what, path, headers) => {
    const first = await idOf(path, headers);
    expect(first).toMatch(made);
    expect(await idOf(path, headers)).not.toBe(first);
    expect(await idOf(path, { ...headers, 'X-Request-Id': 'their-own_1' })).toBe('their-own_1');
  });

  it('is in the answer to what is no request', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.end('nonsense\r\n\r\n');
    expect((await text(socket)).toLowerCase()).toMatch(/\r\nx-request-id: [0-9a-f-]{36}\r\n/);
  });

  it.each(['', 'a b', 'é', 'x'.repeat(65), 'two,ids', '{"json":1}'])(
    'is a new one where the caller gave "%s"',
    async (given) => {
      expect(await idOf('/api/lab', { 'X-Request-Id': given })).toMatch(made);
    },
  );

  it('may have 64 characters', async () => {
    const longest = 'Z'.repeat(64);
    expect(await idOf('/api/lab', { 'X-Request-Id': longest })).toBe(longest);
  });

  it('stands in the log beside what was asked', async () => {
    await server.ask('/api/no-such-thing', { headers: { 'X-Request-Id': 'look-for-me' } });
    const lines = server.logged.filter((line) => line.includes('look-for-me'));
    expect(lines.map((line) => (JSON.parse(line) as { path: string }).path)).toEqual(['/api/no-such-thing']);
  });

  it('can be read by the pages of allowed origins', async () => {
    const { headers } = await server.ask('/api/lab', { headers: { origin: 'https://chat.example.org' } });
    expect(headers.get('access-control-expose-headers')).toContain('X-Request-Id');
  });
});
