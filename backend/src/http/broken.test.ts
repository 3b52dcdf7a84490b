import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import { answerBroken } from './broken.js';
import { endMiddleware, useMiddleware } from './middleware.js';

let server: Server;
let port = 0;

beforeAll(async () => {
  const log = pino({ level: 'silent' });
  const app = useMiddleware(express(), {
    config: { allowedOrigins: [], allowedHosts: [], trustProxyHops: 0 },
    log,
  });
  endMiddleware(app, { log });
  server = createServer({ requireHostHeader: false }, app).listen(0, '127.0.0.1');
  answerBroken(server);
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('a broken request', () => {
  it.each([
    ['an address without end', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ['headers without end', `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['another language', 'EHLO sori.example\r\n\r\n'],
    ['a NUL in the address', 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['no host', 'GET /api/auth/me HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ])('is answered with a JSON error: %s', async (_what, bytes) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'close');
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(JSON.parse(body)).toMatchObject({ code: 'INVALID', error: expect.any(String) as string });
  });

  it('does not affect the next one', async () => {
    expect((await fetch(`http://127.0.0.1:${port}/api/nothing`)).status).toBe(404);
  });
});
