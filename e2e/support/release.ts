import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export type Release = {
  url: string;
  /** From now on the page is another build: another document, and a service worker of another version. */
  newBuild: () => void;
  /** Nobody answers here any more. */
  away: () => Promise<void>;
};

const asNewBuild = (path: string, body: string): string =>
  path === '/sw.js'
    ? body.replace(/"version":"\w+"/, '"version":"newbuild"')
    : body.replace('</head>', '<meta name="build" content="new" /></head>');

/** In front of a real server, and as one with it: only what is built can be exchanged, as by a release. */
export const releaseOf = async (serverUrl: string): Promise<Release> => {
  const behind = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isNew = false;

  const pass = (asked: IncomingMessage, answer: ServerResponse) => {
    const path = asked.url ?? '/';
    // Whole and uncompressed, so that it can be exchanged.
    const { 'if-none-match': _tag, 'if-modified-since': _since, ...others } = asked.headers;
    const headers = { ...others, 'accept-encoding': 'identity' };
    const passed = request({ host: behind.hostname, port: behind.port, path, method: asked.method, headers });
    passed.on('error', () => answer.destroy());
    passed.on('response', (answered) => {
      const chunks: Buffer[] = [];
      answered.on('data', (chunk: Buffer) => chunks.push(chunk));
      answered.on('end', () => {
        const { 'transfer-encoding': _chunks, 'content-length': _length, ...kept } = answered.headers;
        const body = Buffer.concat(chunks);
        const isBuilt = path === '/sw.js' || answered.headers['content-type']?.startsWith('text/html');
        answer.writeHead(answered.statusCode ?? 500, kept);
        answer.end(isNew && isBuilt === true ? asNewBuild(path, body.toString()) : body);
      });
    });
    asked.pipe(passed);
  };
  const front = createServer(pass);
  front.on('connection', (socket) => sockets.add(socket));
  front.on('upgrade', (asked, socket, head) => {
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
  await new Promise<void>((resolve) => front.listen(0, behind.hostname, resolve));
  return {
    url: `http://${behind.hostname}:${(front.address() as AddressInfo).port}`,
    newBuild: () => {
      isNew = true;
    },
    away: () =>
      new Promise((resolve) => {
        front.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
