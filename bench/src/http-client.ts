import { createConnection, type Socket } from 'node:net';

/**
 * One keep-alive connection that asks one thing at a time. `node:http` and `fetch` cost about as much as the servers that
 * are measured, and would take it from the same two cores; this writes prepared bytes and reads a status and a length.
 * It understands answers with a `Content-Length`, which is what Express sends for JSON.
 */
export interface HttpConnection {
  /** Resolves by callback, because a promise per request is worth measuring, too. */
  ask(request: HttpRequest, done: (error: Error | null, answer: HttpAnswer) => void): void;
  close(): void;
}

export interface HttpRequest {
  method: 'GET' | 'POST';
  path: string;
  /** JSON. */
  body?: string;
  /** Whole lines, each with `\r\n` at its end. */
  headers?: string;
}

export interface HttpAnswer {
  status: number;
  /** Not parsed: most askers only want to know that it came. */
  body: Buffer;
}

const none: HttpAnswer = { status: 0, body: Buffer.alloc(0) };
const headEnd = Buffer.from('\r\n\r\n');

export async function connectHttp(port: number): Promise<HttpConnection> {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return httpOver(socket);
}

function httpOver(socket: Socket): HttpConnection {
  let waiting: ((error: Error | null, answer: HttpAnswer) => void) | undefined;
  let received: Buffer = Buffer.alloc(0);

  function settle(error: Error | null, answer: HttpAnswer): void {
    const done = waiting;
    waiting = undefined;
    done?.(error, answer);
  }

  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const end = received.indexOf(headEnd);
    if (end === -1) return;
    const head = received.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      socket.destroy(new Error('An answer without a Content-Length'));
      return;
    }
    const total = end + headEnd.length + Number(length);
    if (received.length < total) return;
    const answer = {
      status: Number(head.slice(9, 12)),
      body: received.subarray(end + headEnd.length, total),
    };
    received = received.subarray(total);
    settle(null, answer);
  });
  socket.on('error', (error) => settle(error, none));
  socket.on('close', () => settle(new Error('The connection was closed'), none));

  return {
    ask({ method, path, body, headers = '' }, done) {
      if (socket.destroyed) {
        setImmediate(() => done(new Error('The connection was closed'), none));
        return;
      }
      waiting = done;
      const content =
        body === undefined
          ? ''
          : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}${content}\r\n${body ?? ''}`);
    },
    close: () => void socket.destroy(),
  };
}
