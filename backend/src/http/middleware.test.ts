import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import express from 'express';
import type { WireError } from '@sori/contract';
import request from 'supertest';
import * as z from 'zod/mini';
import { AppError, unavailable } from '../core/errors.js';
import { keptLog } from '../testing/kept-log.js';
import { endMiddleware, useMiddleware } from './middleware.js';

const { log, logged } = keptLog('info');
let server: Server;
let port = 0;

beforeAll(async () => {
  const app = useMiddleware(express(), {
    config: { allowedOrigins: ['https://friend.example'], allowedHosts: [], trustProxyHops: 0 },
    log,
  });
  app.post('/api/echo', (req, res) => void res.json(req.body));
  app.post('/api/parsed', (req, res) => void res.json(z.object({ text: z.string() }).parse(req.body)));
  app.post('/api/inherited', (req, res) => {
    const body = req.body as Record<string, unknown>;
    const inherited = [
      Object.create(Object.getPrototypeOf(body) as object),
      {},
      [],
      () => undefined,
    ] as object[];
    res.json({
      keys: Object.keys(body),
      admin: 'admin' in body,
      inherited: inherited.filter((one) => 'admin' in one),
    });
  });
  app.post('/api/listed', (req, res) => {
    res.json(z.object({ ids: z.array(z.string()) }).parse(req.body));
  });
  app.get('/api/people/:id', (req, res) => void res.json(req.params));
  app.get('/api/long', (_req, res) => void res.json({ text: 'a'.repeat(5_000) }));
  app.get('/api/bug', () => {
    throw new Error('the secret of the bug');
  });
  app.get('/api/away', () => {
    throw unavailable();
  });
  app.get('/api/often', () => {
    throw new AppError('RATE_LIMITED', 'Too often', { retryAfterMs: 1_200 });
  });
  endMiddleware(app, { log });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = () => request(`http://127.0.0.1:${port}`);
const post = (body: string, type = 'application/json') =>
  ask().post('/api/echo').set('Content-Type', type).send(body);
const refused = (
  answer: { status: number; body: unknown; type: string },
  status: number,
  code: string,
): void => {
  expect(answer.type).toBe('application/json');
  expect(answer.body).toMatchObject({ code, error: expect.any(String) as string });
  expect(answer.status).toBe(status);
};

/** A request whose body is sent piece by piece, on a connection that is used again. */
async function stream(
  agent: Agent,
  {
    path = '/api/echo',
    headers = {},
    pieces,
  }: { path?: string; headers?: Record<string, string>; pieces: Buffer[] },
): Promise<{ status: number; body: WireError; reused: boolean }> {
  const sent = httpRequest({ port, host: '127.0.0.1', path, method: 'POST', agent, headers });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  for (const piece of pieces) if (!sent.write(piece)) await once(sent, 'drain');
  sent.end();
  const [response] = await answered;
  return {
    status: response.statusCode ?? 0,
    body: JSON.parse(await text(response)) as WireError,
    reused: sent.reusedSocket,
  };
}

describe('a body', () => {
  it('is an object, as it was sent', async () => {
    expect((await post('{"a":[1,"안녕"]}')).body).toEqual({ a: [1, '안녕'] });
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON'])('may have the type %s', async (type) => {
    expect((await post('{"a":1}', type)).body).toEqual({ a: 1 });
  });

  it('that is missing is an empty one', async () => {
    expect((await ask().post('/api/echo')).body).toEqual({});
    expect((await post('')).body).toEqual({});
    const chunked = await stream(new Agent(), { headers: { 'Transfer-Encoding': 'chunked' }, pieces: [] });
    expect(chunked.body).toEqual({});
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
  ])('of type %s is refused', async (type) => {
    refused(await post('{"a":1}', type), 400, 'INVALID');
  });

  it('without a type is refused', async () => {
    const answer = await stream(new Agent(), { pieces: [Buffer.from('{}')] });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });

  it.each(['{"a":', '{a:1}', 'hello', '{"a":1}}', "{'a':1}"])(
    'that is no JSON (%s) is refused',
    async (body) => {
      refused(await post(body), 400, 'INVALID');
    },
  );

  it.each(['[]', '[{"a":1}]', '"text"', 'null', '1', 'true'])(
    'that is no object (%s) is refused',
    async (body) => {
      refused(await post(body), 400, 'INVALID');
    },
  );

  it('in another encoding than UTF-8 is refused', async () => {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xb1, 0xe8]), Buffer.from('"}')]);
    const headers = { 'Content-Type': 'application/json' };
    expect(await stream(new Agent(), { headers, pieces: [body] })).toMatchObject({
      status: 400,
      body: { code: 'INVALID' },
    });
  });

  it('of exactly 256 KiB is taken, and one byte more is too large', async () => {
    const of = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
    expect((await post(of(256 * 1024))).status).toBe(200);
    refused(await post(of(256 * 1024 + 1)), 413, 'TOO_LARGE');
  });

  it.each(['with its length', 'in chunks'])(
    'of 5 MB sent %s is read away, answered, and leaves the connection usable',
    async (how) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const pieces = Array.from({ length: 80 }, () => Buffer.alloc(64 * 1024, 'x'));
      const headers: Record<string, string> = {
        'Content-Type': 'application/json',
        ...(how === 'in chunks'
          ? { 'Transfer-Encoding': 'chunked' }
          : { 'Content-Length': String(80 * 64 * 1024) }),
      };
      expect(await stream(agent, { headers, pieces })).toMatchObject({
        status: 413,
        body: { code: 'TOO_LARGE' },
      });
      const next = { headers: { 'Content-Type': 'application/json' }, pieces: [Buffer.from('{"a":1}')] };
      expect(await stream(agent, next)).toEqual({ status: 200, body: { a: 1 }, reused: true });
      agent.destroy();
    },
  );

  it('of 5 MB that nobody was to send is answered too', async () => {
    const agent = new Agent({ keepAlive: true });
    const pieces = Array.from({ length: 80 }, () => Buffer.alloc(64 * 1024, 'x'));
    const foreign = { 'Content-Type': 'application/json', Origin: 'https://evil.example' };
    expect((await stream(agent, { headers: foreign, pieces })).status).toBe(403);
    expect((await stream(agent, { path: '/nothing', pieces })).status).toBe(404);
    agent.destroy();
  });

  it('cannot change a prototype', async () => {
    const answer = await ask()
      .post('/api/inherited')
      .set('Content-Type', 'application/json')
      .send('{"text":"a","__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}');
    expect(answer.body).toEqual({ keys: ['text', '__proto__', 'constructor'], admin: false, inherited: [] });
  });

  it('nested as deep as it can be is only refused', async () => {
    const depth = 120_000;
    const body = `{"text":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const answer = await ask().post('/api/parsed').set('Content-Type', 'application/json').send(body);
    refused(answer, 400, 'INVALID');
  });

  it.each([
    ['21 deep', `{"a":${'['.repeat(20)}${']'.repeat(20)}}`],
    ['of 20,001 parts', `{"a":[${'0,'.repeat(19_999)}0]}`],
  ])('%s is refused, and one just below that limit is not', async (_what, body) => {
    refused(await post(body), 400, 'INVALID');
    const less = body.replace('[]', '').replace('0,', '');
    expect((await post(less)).status).toBe(200);
  });
});

describe('an error', () => {
  it('that is a bug says nothing of what went wrong, and is logged', async () => {
    const answer = await ask().get('/api/bug?search=private');
    refused(answer, 500, 'INTERNAL');
    expect(answer.text).not.toContain('secret');
    expect(answer.text).not.toContain('.ts');
    const lines = logged.filter((line) => line.includes('the secret of the bug'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('/api/bug');
    expect(logged.join('')).not.toContain('private');
  });

  it('that is temporary says when to try again', async () => {
    const away = await ask().get('/api/away');
    refused(away, 503, 'UNAVAILABLE');
    expect(away.headers['retry-after']).toBe('1');
    const often = await ask().get('/api/often');
    refused(often, 429, 'RATE_LIMITED');
    expect(often.headers['retry-after']).toBe('2');
  });

  it('in the input names the field', async () => {
    const answer = await ask().post('/api/parsed').send({ text: 7 });
    refused(answer, 400, 'INVALID');
    expect(answer.body).toMatchObject({ details: [{ path: 'text' }] });
  });

  it('in a thousand places names some of them', async () => {
    const answer = await ask()
      .post('/api/listed')
      .send({ ids: Array.from({ length: 1_000 }, () => 7) });
    refused(answer, 400, 'INVALID');
    expect((answer.body as WireError).details).toHaveLength(20);
  });

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH'] as const)(
    'answers %s of an unknown path under /api, in JSON',
    async (method) => {
      const verb = method.toLowerCase() as 'get';
      refused(await ask()[verb]('/api/nothing/here').set('Accept', 'text/html'), 404, 'NOT_FOUND');
      refused(await ask()[verb]('/api'), 404, 'NOT_FOUND');
    },
  );

  it('answers a wrong method', async () => {
    refused(await ask().delete('/api/echo'), 404, 'NOT_FOUND');
  });

  it.each(['/api/people/%zz', '/api/people/%E0%A4%A', '/api/people/%'])(
    'of writing in the address (%s) is the client’s',
    async (path) => {
      refused(await ask().get(path), 400, 'INVALID');
    },
  );
});

describe('every answer', () => {
  it.each(['/api/people/1', '/api/nothing', '/nothing', '/api/bug'])(
    'carries the same guards (%s)',
    async (path) => {
      const { headers } = await ask().get(path);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('upgrade-insecure-requests');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('strict-transport-security');
    },
  );

  it('lets a page talk to its own host, and to no other', async () => {
    const connectSrc = async (host: string): Promise<string | undefined> => {
      const { headers } = await ask().get('/nothing').set('Host', host);
      return /connect-src ([^;]*)/.exec(String(headers['content-security-policy']))?.[1];
    };
    expect(await connectSrc('Chat.Example:5000')).toBe(
      "'self' ws://chat.example:5000 wss://chat.example:5000",
    );
    expect(await connectSrc('chat.example')).toBe("'self' ws://chat.example wss://chat.example");
    // What is no host, or cannot stand in a policy, names nothing.
    for (const host of [
      '[::1]:5000',
      'a b',
      '*',
      'x; script-src *',
      'evil.example@x',
      "'unsafe-inline'",
      'a,b',
    ]) {
      expect(await connectSrc(host)).toBe("'self'");
    }
  });

  it('denies access to the camera and the location', async () => {
    const { headers } = await ask().get('/nothing');
    expect(headers['permissions-policy']).toContain('camera=()');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  });

  it('of the API stays out of caches', async () => {
    expect((await ask().get('/api/people/1')).headers['cache-control']).toBe('no-store');
  });

  it('is compressed where that is worth it, and only there', async () => {
    expect((await ask().get('/api/long')).headers['content-encoding']).toMatch(/gzip|br/);
    expect((await ask().get('/api/people/1')).headers).not.toHaveProperty('content-encoding');
  });
});

describe('another site’s page', () => {
  it('cannot change anything', async () => {
    const answer = await ask().post('/api/echo').set('Origin', 'https://evil.example').send({ a: 1 });
    refused(answer, 403, 'FORBIDDEN');
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    refused(await ask().post('/api/echo').set('Origin', 'null').send({}), 403, 'FORBIDDEN');
    refused(await ask().post('/api/echo').set('Sec-Fetch-Site', 'cross-site').send({}), 403, 'FORBIDDEN');
  });

  it('is not refused for following a link here', async () => {
    expect((await ask().get('/api/people/1').set('Sec-Fetch-Site', 'cross-site')).status).toBe(200);
  });

  it('may both ask and read where the settings name it', async () => {
    const origin = 'https://friend.example';
    const asked = await ask()
      .options('/api/echo')
      .set('Origin', origin)
      .set('Access-Control-Request-Method', 'POST');
    expect(asked.status).toBe(204);
    expect(asked.headers['access-control-allow-headers']).toContain('Content-Type');
    const answer = await ask().post('/api/echo').set('Origin', origin).send({ a: 1 });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
  });
});

it('logs what was refused by its path, and nothing of what was sent', async () => {
  logged.length = 0;
  await ask()
    .post('/api/parsed?search=my%20private%20search')
    .set('Cookie', 'jwt=private-cookie')
    .set('Authorization', 'Bearer private-token')
    .send({ text: 7, other: 'private body' });
  await ask().post('/api/echo').send({ text: 'private and fine' });
  // An answer that took over a second is logged too.
  const lines = logged.map((line) => JSON.parse(line) as { status: number });
  expect(lines.filter(({ status }) => status >= 400)).toEqual([
    expect.objectContaining({ path: '/api/parsed', status: 400, method: 'POST' }),
  ]);
  expect(logged.join('')).not.toContain('private');
});
