import { WebSocketTransport } from '@sori/client';
import type { Client } from '../../session/client';
import { createLabConnection, type LabConnection } from './labConnection';

/** Engine.IO's 4 (a message) with Socket.IO's 2 or 3 (an event, an answer). The rest keeps the connection itself alive. */
const talk = /^4[23]/;
const mayBeLost = (data: unknown): boolean => typeof data === 'string' && talk.test(data);

type Handler<Payload> = ((event: Payload) => void) | null;

/** What Engine.IO takes for a WebSocket, with the connection in between. */
class LabSocket {
  onopen: Handler<Event> = null;
  onclose: Handler<CloseEvent> = null;
  onerror: Handler<Event> = null;
  onmessage: Handler<MessageEvent<unknown>> = null;
  private readonly unwatch: () => void;

  constructor(
    private readonly real: WebSocket,
    private readonly connection: LabConnection,
  ) {
    real.onopen = (event) => connection.carry(() => this.onopen?.(event), false);
    real.onmessage = (event: MessageEvent<unknown>) =>
      connection.carry(() => this.onmessage?.(event), mayBeLost(event.data));
    real.onerror = (event) => this.onerror?.(event);
    real.onclose = (event) => {
      this.unwatch();
      this.onclose?.(event);
    };
    const cutWhenCut = () => {
      if (connection.state().mode === 'cut') real.close();
    };
    this.unwatch = connection.subscribe(cutWhenCut);
    cutWhenCut();
  }

  set binaryType(type: BinaryType) {
    this.real.binaryType = type;
  }

  send(data: string): void {
    this.connection.carry(() => {
      if (this.real.readyState === WebSocket.OPEN) this.real.send(data);
    }, mayBeLost(data));
  }

  close(): void {
    this.unwatch();
    this.real.close();
  }
}

/** `fetch` over the same connection. Silence lasts until whoever asked gives up. */
const fetchOver =
  (connection: LabConnection, real: typeof fetch): typeof fetch =>
  (input, options) =>
    new Promise((done, failed) => {
      const lost = () => failed(new TypeError('The lab took the connection away'));
      options?.signal?.addEventListener('abort', () => failed(new DOMException('Aborted', 'AbortError')));
      const { mode, dropPercent } = connection.state();
      if (mode === 'cut' || (mode === 'open' && Math.random() * 100 < dropPercent)) lost();
      else connection.carry(() => void real(input, options).then(done, failed), false);
    });

let installed: LabConnection | null = null;

/** Puts the lab's connection under the page's socket and under `fetch`. Once: it stays until the page is loaded again. */
export const installLabConnection = ({ socket }: Pick<Client, 'socket'>): LabConnection => {
  if (installed !== null) return installed;
  const connection = createLabConnection();
  installed = connection;
  class LabTransport extends WebSocketTransport {
    override createSocket(uri: string, protocols: string | string[] | undefined): LabSocket {
      return new LabSocket(new WebSocket(uri, protocols), connection);
    }
  }
  globalThis.fetch = fetchOver(connection, globalThis.fetch.bind(globalThis));
  socket.io.opts.transports = [LabTransport];
  // The connection that is there goes around the lab: the next one does not. Not now, while the drawer is being drawn.
  setTimeout(() => {
    if (socket.connected) socket.io.engine.close();
  });
  return connection;
};
