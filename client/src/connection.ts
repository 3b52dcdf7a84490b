import {
  protocolVersion,
  requests,
  type ClientToServerEvents,
  type RequestInput,
  type RequestName,
  type RequestOutput,
  type Reply,
  type ServerToClientEvents,
} from '@sori/contract';
import { io, type Socket } from 'socket.io-client';
import { ApiError, knownCode } from './api-error.js';

/** What carries a connection: for those who put something in between. */
export { WebSocket as WebSocketTransport } from 'socket.io-client';

export type SoriSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** For where there is no page whose origin and cookie are used: for programs, and tests. */
export type SocketOptions = { address?: string; extraHeaders?: Record<string, string>; token?: string };

/**
 * A socket, not connected yet. Without an address the server is the page's own origin: whoever serves the page serves its
 * sockets. Websocket first, polling where something in between does not let it through.
 */
export const createSocket = ({ address, extraHeaders, token }: SocketOptions = {}): SoriSocket => {
  const options = {
    autoConnect: false,
    auth: { protocol: protocolVersion, ...(token === undefined ? {} : { token }) },
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 15_000,
    randomizationFactor: 0.5,
    timeout: 10_000,
    // Socket.IO's own retries would be a second outbox beside ours: two outboxes are none.
    retries: 0,
    // A program may be several people, each with a connection of their own.
    forceNew: address !== undefined,
    extraHeaders,
  };
  return address === undefined ? io(options) : io(address, options);
};

/** After that long nobody waits for an answer; whether the server did it is unknown. */
const timeoutMs = 10_000;

export type Ask = <Name extends RequestName>(
  name: Name,
  input: RequestInput<Name>,
) => Promise<RequestOutput<Name>>;

/**
 * Asks over the socket. Where the line is down this fails at once rather than waiting in Socket.IO's send buffer, which
 * would deliver it much later and behind the outbox's back.
 * @throws ApiError, `NO_ANSWER` where the outcome is unknown.
 */
export const createAsk = (socket: SoriSocket): Ask => {
  // The typed `emitWithAck` of a generic event name is more than the compiler can follow; this is its one shape.
  type Emitter = { emitWithAck: (name: string, input: unknown) => Promise<Reply<object>> };
  return async (name, input) => {
    if (!socket.connected) throw new ApiError('NO_ANSWER', 'The line is down');
    const emitter = socket.timeout(timeoutMs) as unknown as Emitter;
    let reply: Reply<object>;
    try {
      reply = await emitter.emitWithAck(name, input);
    } catch (thrown) {
      throw new ApiError('NO_ANSWER', 'The server does not answer', { cause: thrown });
    }
    if (!reply.ok)
      throw new ApiError(knownCode(reply.code, reply), reply.error, {
        retryAfterMs: reply.retryAfterMs,
        details: reply.details,
      });
    const output = requests[name].output.safeParse(reply);
    if (!output.success)
      throw new ApiError('NOT_UNDERSTOOD', `An unexpected answer to ${name}`, { cause: output.error });
    return output.data as RequestOutput<typeof name>;
  };
};
