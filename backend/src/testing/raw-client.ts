import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Live } from './live.js';

/** A WebSocket client of nothing but TCP, so that it can stop reading. Gives the socket once it has joined. */
export async function rawClient(live: Live, userId: string): Promise<Socket> {
  const raw = connect(live.port, '127.0.0.1');
  raw.write(
    [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      `Host: 127.0.0.1:${live.port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      '',
      '',
    ].join('\r\n'),
  );
  await once(raw, 'data');
  const payload = Buffer.from(`40${JSON.stringify({ token: live.signIn(userId), protocol: 1 })}`);
  // A text frame of under 126 bytes, masked with zeros, as RFC 6455 asks of clients.
  raw.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  let received = '';
  for await (const data of raw.iterator({ destroyOnReturn: false })) {
    received += String(data);
    if (received.includes('"heads"')) break;
  }
  return raw;
}
