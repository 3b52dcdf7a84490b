import { IncomingMessage } from 'node:http';
import { Socket as TcpSocket } from 'node:net';
import { Server, Socket, Transport, transports } from 'engine.io';
import { WebSocket } from 'ws';

/** The parts of Engine.IO and `ws` that connection.ts, slow-reader.ts and write-together.ts drive though they are private. */
export interface EngineParts {
  Connection: typeof Socket;
  WebSocketTransport: (typeof transports)['websocket'];
  WebSocket: typeof WebSocket;
}

const installed: EngineParts = {
  Connection: Socket,
  WebSocketTransport: transports.websocket,
  WebSocket,
};

const requestOf = (websocket?: WebSocket) =>
  Object.assign(new IncomingMessage(new TcpSocket()), {
    _query: { EIO: '4' },
    ...(websocket && { websocket }),
  });

const socketOf = (transport: object): unknown => ('socket' in transport ? transport.socket : undefined);

/** A transport that leads nowhere, and remembers what happened to it. */
class TriedTransport extends Transport {
  readonly events: string[] = [];
  override writable = true;
  constructor() {
    super(requestOf());
  }
  override get name(): 'websocket' {
    return 'websocket';
  }
  override send(packets: readonly { type: string }[]): void {
    this.events.push(`send ${packets.map(({ type }) => type).join(' ')}`);
  }
  override discard(): void {
    this.events.push('discard');
    super.discard();
  }
  override doClose(done?: () => void): void {
    this.events.push('close');
    done?.();
  }
}

/** What a connection does that is sent two things while its transport is held back, and is then cut. */
function tried(Connection: typeof Socket): string[] {
  const server = new Server();
  const transport = new TriedTransport();
  const connection = new Connection('tried', server, transport, requestOf(), 4);
  try {
    connection.on('packetCreate', () => {
      transport.events.push('packetCreate');
      transport.writable = false;
    });
    connection.on('flush', () => void transport.events.push('flush'));
    connection.send('one');
    connection.send('two');
    transport.writable = true;
    transport.emit('ready');
  } finally {
    connection.close(true);
    server.close();
  }
  return [...transport.events, connection.readyState];
}

const expected = [
  'send open',
  'packetCreate',
  'packetCreate',
  'flush',
  'send message message',
  'discard',
  'close',
  'closed',
];

/**
 * Tries what is relied on: a connection says `packetCreate` before it looks whether its transport is free, hands over all that
 * waits at once when that says `ready`, and says `flush` before; closed for good, it is closed at once. A transport knows its
 * WebSocket, and that one its TCP socket, under the names that are used here.
 * @throws where the libraries have changed so much that this does not hold any more: better at the start than under load.
 */
export function checkEngine({ Connection, WebSocketTransport, WebSocket }: EngineParts = installed): void {
  // As the library makes those of a server, which its types do not show.
  const webSocket: unknown = Reflect.construct(WebSocket, [null, undefined, {}]);
  const fits =
    webSocket instanceof WebSocket &&
    '_socket' in webSocket &&
    socketOf(new WebSocketTransport(requestOf(webSocket))) === webSocket &&
    JSON.stringify(tried(Connection)) === JSON.stringify(expected);
  if (!fits) {
    throw new Error('This Engine.IO is not the one that was tried: see backend/src/realtime/engine-check.ts');
  }
}
