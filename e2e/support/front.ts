import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export type Front = {
  url: string;
  /** Nobody answers here any more. */
  away: () => Promise<void>;
};

type Options = {
  /** Called with each request that comes through, `GET /path`, and with each socket that is opened. */
  seen?: (what: string) => void;
  /** Text of the answer to that path in another form. Where it is given, answers come whole and uncompressed. */
  change?: (path: string, type: string, body: string) => string;
};

const isText = /^(?:text\/|application\/(?:json|javascript))/;

const opened = (front: ReturnType<typeof createServer>, behind: URL, seen: Options['seen']): Set<Socket> => {
  const sockets = new Set<Socket>();
  front.on('connection', (socket) => sockets.add(socket));
  front.on('upgrade', (asked, socket, head) => {
    seen?.(`SOCKET ${asked.url ?? '/'}`);
    const onward = connect(Number(behind.port), behind.hostname, () => {
      const lines = asked.rawHeaders.flatMap((name, index, all) =>
        index % 2 === 0 ? [`${name}: ${all[index + 1] ?? ''}`] : [],
      );
      onward.write(`GET ${asked.url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const [one, other] of [
      [onward, socket],
      [socket, onward],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  return sockets;
};

/** In front of a real server, and as one with it: what reaches that server can be counted, and its answers changed. */
export const frontOf = async (serverUrl: string, { seen, change }: Options = {}): Promise<Front> => {
  const behind = new URL(serverUrl);

  const pass = (asked: IncomingMessage, answer: ServerResponse) => {
    const { method = 'GET', url: path = '/' } = asked;
    seen?.(`${method} ${path}`);
    // Whole and uncompressed, so that it can be changed.
    const { 'if-none-match': _tag, 'if-modified-since': _since, ...others } = asked.headers;
    const headers = change === undefined ? asked.headers : { ...others, 'accept-encoding': 'identity' };
    const passed = request({ host: behind.hostname, port: behind.port, path, method, headers });
    passed.on('error', () => answer.destroy());
    passed.on('response', (answered) => {
      const type = answered.headers['content-type'] ?? '';
      if (change === undefined || !isText.test(type)) {
        answer.writeHead(answered.statusCode ?? 500, answered.headers);
        answered.pipe(answer);
        return;
      }
      const chunks: Buffer[] = [];
      answered.on('data', (chunk: Buffer) => chunks.push(chunk));
      answered.on('end', () => {
        const { 'transfer-encoding': _chunks, 'content-length': _length, ...kept } = answered.headers;
        answer.writeHead(answered.statusCode ?? 500, kept);
        answer.end(change(path, type, Buffer.concat(chunks).toString()));
      });
    });
    asked.pipe(passed);
  };
  const front = createServer(pass);
  const sockets = opened(front, behind, seen);
  await new Promise<void>((resolve) => front.listen(0, behind.hostname, resolve));
  return {
    url: `http://${behind.hostname}:${(front.address() as AddressInfo).port}`,
    away: () =>
      new Promise((resolve) => {
        front.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
