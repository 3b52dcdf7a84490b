import { randomUUID } from 'node:crypto';
import { type ErrorCode, httpStatus, type Message } from '@sori/contract';
import type { ManagerOptions, SocketOptions } from 'socket.io-client';
import type { Client } from './live.js';

export interface Answer<Body = unknown> {
  status: number;
  headers: Headers;
  body: Body;
}

/** What either door makes of a request: the result, or the contract's code. */
export interface SendOutcome {
  code: ErrorCode | undefined;
  message: Message;
  repeat: boolean;
}

/** The two doors to the same services. What is a rule holds behind both. */
export const doors = ['REST', 'the socket'] as const;
export type Door = (typeof doors)[number];

export type Connect = Partial<ManagerOptions & SocketOptions>;

/** Asks a server by REST. */
export type Ask = <Body>(path: string, init?: RequestInit) => Promise<Answer<Body>>;
type Call = <Body>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer<Body>>;

export interface SomeoneDeps {
  ask: Ask;
  connect: (how: Connect) => Client;
  /** Another one at each call. */
  number: () => number;
}

/** Who somebody is, and the cookie that says so. */
export interface Credentials {
  _id: string;
  name: string;
  cookie: string;
}

/** Somebody who uses a server from outside, by its address alone. */
export type Someone = ReturnType<typeof createSomeone>;

export const asJson = (method: string, body: unknown, headers: Record<string, string>): RequestInit => ({
  method,
  headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

const connected = ({ socket }: Client): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });

export function createSomeone({ ask, connect, number }: SomeoneDeps, { _id, name, cookie }: Credentials) {
  const token = cookie.slice(cookie.indexOf('=') + 1);
  const get = <Body>(path: string): Promise<Answer<Body>> => ask(path, { headers: { cookie } });
  const call: Call = (method, path, body, headers = {}) =>
    ask(path, asJson(method, body, { cookie, ...headers }));
  /** A tab that speaks Sori, connected, its heads received. */
  const sori = async (how: Connect = {}): Promise<Client> => {
    const client = connect({ auth: { token, protocol: 1 }, ...how });
    await connected(client);
    await client.next('heads');
    return client;
  };
  return {
    _id,
    name,
    cookie,
    token,
    get,
    call,
    post: <Body = Message>(path: string, body?: unknown, headers?: Record<string, string>) =>
      call<Body>('POST', path, body, headers),
    sori,
    /** The tutorial's own client: a cookie, and a claim in the query. */
    tutorial: async (how: Connect = {}): Promise<Client> => {
      const client = connect({ query: { userId: _id }, extraHeaders: { cookie }, ...how });
      await connected(client);
      return client;
    },
    /** A tab that may be refused. */
    knock: (how: Connect = {}): Client => connect({ auth: { token, protocol: 1 }, ...how }),

    send: createSend({ call, sori, number }),
    say: createSay(call),
  };
}

/** Writes to a person or a conversation, by the door that the test is about. */
function createSend({
  call,
  sori,
  number,
}: {
  call: Call;
  sori: () => Promise<Client>;
  number: () => number;
}) {
  let talking: Promise<Client> | undefined;
  return async (door: Door, to: string, content: Record<string, unknown>): Promise<SendOutcome> => {
    if (door === 'REST') {
      const { status, headers, body } = await call<Message & { code?: ErrorCode }>(
        'POST',
        `/api/messages/send/${to}`,
        content,
      );
      if (status !== 201 && status !== (body.code && httpStatus[body.code])) {
        throw new Error(`${status} does not go with ${JSON.stringify(body)}`);
      }
      return { code: body.code, message: body, repeat: headers.get('idempotent-replayed') === 'true' };
    }
    talking ??= sori();
    const client = await talking;
    const reply = (await client.ask('message:send', {
      to,
      clientId: `auto-${number()}`,
      ...content,
    })) as { code?: ErrorCode; message: Message; repeat?: boolean };
    return { code: reply.code, message: reply.message, repeat: reply.repeat === true };
  };
}

/** Writes as a page does, which tries again where the database was slow, and fails the test where that is refused. */
const createSay =
  (call: Call) =>
  async (to: string, message: string, clientId: string = randomUUID()): Promise<Message> => {
    for (;;) {
      const { status, body } = await call<Message>('POST', `/api/messages/send/${to}`, { message, clientId });
      if (status === 201) return body;
      if (status !== 503) throw new Error(`${status} ${JSON.stringify(body)}`);
    }
  };
