import type { Entry, Id, Message } from '@sori/contract';
import { ApiError } from './api-error.js';
import { systemClock, type Clock } from './clock.js';
import { createAsk, createSocket } from './connection.js';
import { asEntry } from './follower.js';
import { createFollowing, type Follow } from './following.js';
import { createHttp } from './http.js';
import { keepConnected } from './keep-connected.js';
import { listenTo } from './listen.js';
import { fetchAs, type Credentials } from './log-in.js';
import type { OutboxItem } from './outbox.js';
import { createMemoryStorage, type OutboxStorage } from './outbox-storage.js';
import { createSending, type SendOptions } from './sending.js';

export type ClientOptions = Credentials & {
  /** Where the server is: `http://localhost:5000`, without a path. */
  address: string;
  /** Where messages outlive the program until they are stored. Default: nowhere; they end with the program. */
  storage?: Promise<OutboxStorage>;
  /** The server does not, or no longer, know who this is. The client is closed then, as by `close`. */
  signedOut?: (error: ApiError) => void;
  /** The connection came, or went. It comes back by itself. */
  connectionChanged?: (isConnected: boolean) => void;
  /** A message that an earlier run of the program left in the storage was refused for good. */
  refused?: (item: OutboxItem, error: ApiError) => void;
  /** For tests. */
  clock?: Clock;
};

/** One person's, or one bot's, connection to a server: it comes back by itself, and nothing is lost or doubled meanwhile. */
export type Client = {
  /**
   * Tells the entries of a conversation as they come, and after an absence those that were missed.
   * @returns what ends it.
   * @throws Error where that conversation is followed already.
   */
  follow: (conversationId: Id, handlers: Follow) => () => void;
  /**
   * Sends a message to a conversation or a person, now or as soon as there is a connection. Those to the same one are sent in
   * the order of writing.
   * @returns the message as it was stored, however long that takes.
   * @throws ApiError where it is refused for good (`INVALID`, `NOT_FOUND`, `REFUSED`, …); `BUSY` where 1,000 wait already;
   * `UNAUTHENTICATED` or `ABORTED` where the client was closed before there was an answer: then it may have been stored, and
   * the same `clientId` makes sending it again harmless.
   */
  send: (to: Id, text: string, options?: SendOptions) => Promise<Message>;
  /** Ends the connection. A client is closed once. */
  close: () => void;
};

export const createClient = (options: ClientOptions): Client => {
  const { address, clock = systemClock } = options;
  const socket = createSocket({
    address,
    ...('token' in options ? { token: options.token } : { extraHeaders: { Cookie: options.cookie } }),
  });
  const ask = createAsk(socket);
  const isConnected = () => socket.connected;
  const following = createFollowing({
    clock,
    ask,
    http: createHttp(fetchAs(address, options)),
    isConnected,
  });
  const sending = createSending({
    clock,
    ask,
    isConnected,
    storage: options.storage ?? createMemoryStorage()(''),
    refused: (item, error) => options.refused?.(item, error),
  });
  let isClosed = false;

  const close = (error: ApiError) => {
    if (isClosed) return;
    isClosed = true;
    endKeeping();
    socket.disconnect();
    following.stop();
    sending.stop(error);
  };
  const signedOut = (message: string) => {
    if (isClosed) return;
    const error = new ApiError('UNAUTHENTICATED', message);
    close(error);
    options.signedOut?.(error);
  };

  const endKeeping = keepConnected(socket, { clock, isWanted: () => !isClosed });
  const entryReceived = (entry: Entry) => following.entryReceived(entry);
  listenTo(socket, {
    newMessage: (message) => entryReceived(asEntry(message)),
    entry: entryReceived,
    heads: following.headsReceived,
    'conversation:gone': ({ conversationId }) => following.goneReceived(conversationId),
    session: () => signedOut('The session was ended'),
  });
  socket.on('connect', () => {
    options.connectionChanged?.(true);
    following.resume();
    sending.resume();
  });
  socket.on('disconnect', () => options.connectionChanged?.(false));
  socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
    if (error.data?.code === 'UNAUTHENTICATED') signedOut(error.message);
  });
  socket.connect();

  return {
    follow: following.follow,
    send: sending.send,
    close: () => close(new ApiError('ABORTED', 'The client was closed')),
  };
};
