import { Socket, transports } from 'engine.io';
import { WebSocket } from 'ws';
import { checkEngine, type EngineParts } from './engine-check.js';

const installed: EngineParts = { Connection: Socket, WebSocketTransport: transports.websocket, WebSocket };

it('finds the installed libraries to be what the server relies on', () => {
  expect(() => checkEngine()).not.toThrow();
});

/** Hands each packet to its transport without a word before. */
class Silent extends Socket {
  override emit(event: string, ...args: unknown[]): boolean {
    return event === 'packetCreate' ? false : super.emit(event, ...args);
  }
}

/** Waits for another event of its transport. */
class Deaf extends Socket {
  constructor(...args: ConstructorParameters<typeof Socket>) {
    super(...args);
    this.transport.removeAllListeners('ready');
  }
}

class OtherTransport extends transports.websocket {
  constructor(...args: ConstructorParameters<typeof transports.websocket>) {
    super(...args);
    Reflect.deleteProperty(this, 'socket');
  }
}

class OtherWebSocket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args);
    Reflect.deleteProperty(this, '_socket');
  }
}

it.each([
  ['does not say that a packet was made', { Connection: Silent }],
  ['does not send when its transport is free again', { Connection: Deaf }],
  ['has its WebSocket under another name', { WebSocketTransport: OtherTransport }],
  ['has its TCP socket under another name', { WebSocket: OtherWebSocket }],
])('refuses a start with a library that %s', (_what, changed) => {
  expect(() => checkEngine({ ...installed, ...changed } as EngineParts)).toThrow(
    /not the one that was tried/,
  );
});
