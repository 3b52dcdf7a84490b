import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import express from 'express';
import type { WireError } from '@sori/contract';
import { pino } from 'pino';
import request from 'supertest';
import { endMiddleware, useMiddleware } from './middleware.js';
import { servePage } from './page.js';

let folder = '';
let server: Server;
let unbuilt: Server;
const urlOf = (of: Server): string => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;

async function serve(pages: string): Promise<Server> {
  const log = pino({ level: 'silent' });
  const app = useMiddleware(express(), {
    config: { allowedOrigins: [], allowedHosts: [], trustProxyHops: 0 },
    log,
  });
  endMiddleware(app, { log, page: servePage(pages) });
  const serving = createServer(app).listen(0, '127.0.0.1');
  await once(serving, 'listening');
  return serving;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sori-page-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Sori</title>');
  await writeFile(join(folder, 'assets', 'main-a1b2c3.js'), 'export {};');
  await writeFile(join(folder, 'sw.js'), '// worker');
  server = await serve(folder);
  unbuilt = await serve(join(folder, 'nothing-here'));
});
afterAll(async () => {
  for (const one of [server, unbuilt]) {
    one.closeAllConnections();
    one.close();
  }
  await rm(folder, { recursive: true });
});

/** Asks for exactly this path: other clients would tidy it first. */
async function getRaw(path: string): Promise<{ status: number; type: string; code: unknown }> {
  const asked = httpRequest({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    path,
    headers: { accept: 'text/html' },
    agent: false,
  }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const body = await text(answer);
  const type = String(answer.headers['content-type']).split(';', 1)[0] ?? '';
  const code = type === 'application/json' ? (JSON.parse(body) as WireError).code : undefined;
  return { status: answer.statusCode ?? 0, type, code };
}

const get = (path: string, accept = 'text/html') => request(urlOf(server)).get(path).set('Accept', accept);

describe('the page', () => {
  it.each([
    '/',
    '/login',
    '/signup',
    '/c/0123456789abcdef01234567',
    '/open/lobby',
    '/open/v1.0',
    '/login?lang=ko',
  ])('is the same document at %s, asked for anew each time', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(answer.type).toBe('text/html');
    expect(answer.headers['cache-control']).toBe('no-cache');
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'");
  });

  it('is there for a plain fetch as well', async () => {
    expect((await get('/login', '*/*')).type).toBe('text/html');
  });

  it('answers "not modified" where nothing was', async () => {
    const etag = String((await get('/')).headers['etag']);
    expect((await get('/').set('If-None-Match', etag)).status).toBe(304);
  });

  it('has assets that never change', async () => {
    const answer = await get('/assets/main-a1b2c3.js', '*/*');
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.type).toMatch(/javascript/);
  });

  it('has a worker that may change with each build', async () => {
    expect((await get('/sw.js', '*/*')).headers['cache-control']).toBe('no-cache');
  });

  it.each([
    '/assets/main-0000.js',
    '/nothing.png',
    '/assets/nothing',
    '/socket.io/?EIO=4',
    '/.env',
    '/..%2f..%2fetc%2fpasswd',
  ])('is not the answer for a missing file (%s)', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.type).toBe('application/json');
  });

  it.each([
    '/.git/config',
    '/%2egit/config',
    '/%2Egit',
    '/.well-known/x',
    '/c/../.env',
    '/c/..%2f.env',
    '/c%5c.git',
    '/u/.ssh/id',
    '/assets/.map',
    '/open/.hidden',
    '/...',
    '/api/.env',
    '/api/%2e%2e/.git/config',
    '//.git/config',
    '/.',
    '/..',
  ])('is not the answer for a dot file (%s)', async (path) => {
    expect(await getRaw(path)).toEqual({ status: 404, type: 'application/json', code: 'NOT_FOUND' });
  });

  it.each([
    ['two slashes', '//login'],
    ['two slashes further on', '/c//x'],
    ['a backslash', '/c\\x'],
    ['a backslash that is written out', '/c%5Cx'],
    ['no end', `/c/${'x'.repeat(5_000)}`],
    ['the name of a program', '/login%2ephp'],
    ['nothing but a star', '*'],
  ])('has no address with %s', async (_what, path) => {
    expect(await getRaw(path)).toEqual({ status: 404, type: 'application/json', code: 'NOT_FOUND' });
  });

  it.each(['/%00', '/c/%00', '/c/a%0a', '/%', '/c/%zz', '/%c0%ae/config', '/c/%E0%A4%A', '/assets/%ff'])(
    'has no address that is written like %s',
    async (path) => {
      expect(await getRaw(path)).toEqual({ status: 400, type: 'application/json', code: 'INVALID' });
    },
  );

  it('is there for names with dots in them', async () => {
    for (const path of ['/open/v1.0', '/open/a..b', '/u/x.y.', '/c/%ED%95%9C.%EA%B8%80']) {
      expect(await getRaw(path)).toMatchObject({ status: 200, type: 'text/html' });
    }
  });

  it('is not the answer for an unknown API path', async () => {
    expect((await get('/api/nothing')).type).toBe('application/json');
  });

  it('is not sent for a POST, nor to a client that does not accept HTML', async () => {
    expect((await get('/login', 'application/json')).status).toBe(404);
    expect((await request(urlOf(server)).post('/login')).status).toBe(404);
  });

  it('that was not built yet is not found', async () => {
    const answer = await request(urlOf(unbuilt)).get('/').set('Accept', 'text/html');
    expect(answer.status).toBe(404);
    expect(answer.type).toBe('application/json');
  });
});
