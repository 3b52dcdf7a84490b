import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type EnteredRoom, type ErrorCode, httpStatus, type Message, type Person } from '@sori/contract';
import { io as connectTo, type ManagerOptions, type SocketOptions } from 'socket.io-client';
import { createApp } from '../app.js';
import { NO_LIMITS, readConfig } from '../config.js';
import { connectDatabase, type ConnectOptions, type Store } from '../database/connect.js';
import { createPasswords } from '../features/accounts/passwords.js';
import type { CountIn } from '../limits/limit.js';
import type { Clock } from '../realtime/clock.js';
import { startEngine, type TestEngine } from './engine.js';
import { keptLog } from './kept-log.js';
import { type Client, listen } from './live.js';
import { refuseUnlisted } from './unlisted.js';

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

type Connect = Partial<ManagerOptions & SocketOptions>;

export const password = 'correct horse';

/** Somebody who uses a server from outside, by its address alone. */
export type Someone = Awaited<ReturnType<ReturnType<typeof createVisitors>['person']>>;

export type Visitors = ReturnType<typeof createVisitors>;

/** People for a server that runs at `url()`, in this process or in another one. */
export function createVisitors(url: () => string) {
  const clients: Client[] = [];
  let made = 0;

  async function ask<Body>(path: string, init: RequestInit = {}): Promise<Answer<Body>> {
    const response = await fetch(`${url()}${path}`, init);
    const text = await response.text();
    // A server that answers anything but JSON here has answered wrongly, and the test fails of it.
    const body = (response.status === 204 && text === '' ? undefined : JSON.parse(text)) as Body;
    return { status: response.status, headers: response.headers, body };
  }

  const asJson = (method: string, body: unknown, headers: Record<string, string>): RequestInit => ({
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

  function connect(how: Connect, namespace = ''): Client {
    const client = listen(
      connectTo(`${url()}${namespace}`, {
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        ...how,
      }),
    );
    clients.push(client);
    return client;
  }

  const connected = ({ socket }: Client): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });

  function withCookie(_id: string, name: string, cookie: string) {
    const token = cookie.slice(cookie.indexOf('=') + 1);
    const get = <Body>(path: string): Promise<Answer<Body>> => ask(path, { headers: { cookie } });
    const call = <Body>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      ask<Body>(path, asJson(method, body, { cookie, ...headers }));
    let talking: Promise<Client> | undefined;
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

      /** Writes to a person or a conversation, by the door that the test is about. */
      send: async (door: Door, to: string, content: Record<string, unknown>): Promise<SendOutcome> => {
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
        const reply = (await (
          await talking
        ).ask('message:send', { to, clientId: `auto-${(made += 1)}`, ...content })) as {
          code?: ErrorCode;
          message: Message;
          repeat?: boolean;
        };
        return { code: reply.code, message: reply.message, repeat: reply.repeat === true };
      },
      /** Writes as a page does, which tries again where the database was slow, and fails the test where that is refused. */
      say: async (to: string, message: string, clientId: string = randomUUID()): Promise<Message> => {
        for (;;) {
          const { status, body } = await call<Message>('POST', `/api/messages/send/${to}`, {
            message,
            clientId,
          });
          if (status === 201) return body;
          if (status !== 503) throw new Error(`${status} ${JSON.stringify(body)}`);
        }
      },
    };
  }

  async function signIn(path: string, form: Record<string, string>) {
    const answer = await ask<Person>(path, asJson('POST', form, {}));
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('jwt='));
    if (answer.status >= 300 || cookie === undefined) throw new Error(JSON.stringify(answer.body));
    return withCookie(answer.body._id, form['username'] ?? '', cookie.split(';', 1)[0] ?? '');
  }

  /** Signs somebody up whom nobody knows yet. */
  const person = (name: string) => {
    made += 1;
    const username = `${name}${made}`;
    return signIn('/api/auth/signup', { fullName: name, username, password, confirmPassword: password });
  };

  /** A stranger who comes into a room in a browser of their own. */
  async function guest(slug: string, nickname?: string) {
    const answer = await ask<EnteredRoom>(`/api/rooms/${slug}/enter`, asJson('POST', { nickname }, {}));
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('guest='));
    if (answer.status !== 200 || cookie === undefined) throw new Error(JSON.stringify(answer.body));
    const { me } = answer.body;
    return { ...withCookie(me._id, me.name, cookie.split(';', 1)[0] ?? ''), room: answer.body };
  }

  return {
    ask,
    connect,
    person,
    guest,
    /** Several at once. */
    people: <Names extends [string, ...string[]]>(...names: Names) =>
      Promise.all(names.map(person)) as Promise<{
        [Name in keyof Names]: Awaited<ReturnType<typeof person>>;
      }>,
    /** The same person in another browser. */
    elsewhere: ({ name }: { name: string }) => signIn('/api/auth/login', { username: name, password }),
    leave(): void {
      for (const { socket } of clients.splice(0)) socket.disconnect();
    },
  };
}

export interface ServerOptions {
  /** Another server on the same database; it is stopped by whoever started it. */
  engine?: TestEngine;
  /** How patient it is with the database. Default: very; `{}` is as in production, for tests of a database that is away. */
  database?: ConnectOptions;
  /** Sees the connections before anything is asked over them. */
  connected?: (store: Store) => void;
  /** Settings as the environment has them. Limits are off unless named. */
  settings?: Record<string, string>;
  /** Counts for the limits that are named, where a test must not depend on when their windows end. */
  countIn?: CountIn;
  /** By the power of two. Default 4: people who sign up take no time. */
  passwordCost?: number;
  /** Where a test does not wait for what takes time. Default: the system's. */
  clock?: Clock;
}

/** A busy machine's disk may take long; most tests are not about that. */
const patient: ConnectOptions = { callTimeoutMs: 30_000, serverSelectionTimeoutMs: 30_000 };

export type TestServer = Awaited<ReturnType<typeof startServer>>;

/** The whole messenger in this process, as `main.ts` runs it, on the real database in a fresh folder. */
export async function startServer(options: ServerOptions = {}) {
  const engine = options.engine ?? (await startEngine());
  const { log, logged } = keptLog();
  const store = await connectDatabase(engine.uri, options.database ?? patient);
  options.connected?.(store);
  const config = readConfig({
    DATA_DIR: engine.dataDir,
    JWT_SECRET: 'the same for every server of the tests',
    ...NO_LIMITS,
    ...options.settings,
  });
  const { countIn, passwordCost = 4, clock } = options;
  const passwords = createPasswords({ cost: passwordCost });
  const app = await createApp({ config, log, store, database: engine.database, countIn, passwords, clock });
  app.httpServer.listen(0, '127.0.0.1');
  await once(app.httpServer, 'listening');
  const { port } = app.httpServer.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const visitors = createVisitors(() => url);
  return {
    ...visitors,
    url,
    port,
    engine,
    store,
    app,
    /** Every line of the server's log. */
    logged,
    /** What the server itself calls a bug. */
    bugs: (): string[] => logged.filter((line) => /"level":(?:50|60)/.test(line)),
    async close(): Promise<void> {
      visitors.leave();
      await app.close();
      await store.close();
      if (options.engine === undefined) await engine.stop();
      refuseUnlisted(logged);
    },
  };
}
