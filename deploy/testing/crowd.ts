import {
  type Client,
  createClient,
  createHttp,
  fetchAs,
  type Http,
  passes,
  type SignedIn,
  signUp,
  toApiError,
} from '@sori/client';
import { Conversation, type Entry, EntriesPage, Message } from '@sori/contract';
import { createDeviceConnection, type DeviceConnection } from '@sori/testkit';

/** By which door somebody sends. */
export type Door = 'socket' | 'rest';

/** Somebody in the group who writes one message after the other, the next one soon after the one before it was acknowledged. */
export interface Writer {
  name: string;
  door: Door;
  /** Every message that was acknowledged, by its clientId. */
  acknowledged: Map<string, Message>;
  /** How often the connection came. */
  connected(): number;
  /** How many connections the device opened, for sockets and requests together. */
  opened(): number;
  isConnected(): boolean;
  /** Resolves when that many more messages were acknowledged. */
  writes(more: number): Promise<void>;
  /** Writes nothing new. Resolves when the last message was acknowledged. @throws what a send failed with for good */
  finish(): Promise<void>;
  leave(): void;
}

const password = 'only for the tests';

export const join = (url: string, username: string): Promise<SignedIn> =>
  signUp(url, { fullName: username, username, password, confirmPassword: password });

/** A request is made again this often before it counts as failed for good. */
const triesAtMost = 20;
/** After an acknowledgement, in milliseconds: a crowd without it would leave a server that starts beside it no processor. */
const restMs = 100;
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** As a careful program sends over REST: under one clientId, and again for as long as the answer says that it may pass. */
async function sendByRest(http: Http, to: string, message: string, clientId: string): Promise<Message> {
  for (let tries = 1; ; tries += 1) {
    try {
      const path = `/api/messages/send/${to}`;
      return (await http({ method: 'POST', path, body: { message, clientId }, answer: Message })).data;
    } catch (thrown) {
      const error = toApiError(thrown);
      if (!passes(error) || tries === triesAtMost) throw error;
      await pause((error.retryAfterMs ?? 500) * (1 + Math.random() / 4));
    }
  }
}

interface Sending {
  send: (text: string, clientId: string) => Promise<Message>;
  client: Client | undefined;
}

function createWriter(name: string, door: Door, line: DeviceConnection, me: SignedIn, to: string): Writer {
  const acknowledged = new Map<string, Message>();
  let connected = 0;
  let isConnected = false;
  let isWriting = true;
  let waiting: (() => void)[] = [];

  function open(): Sending {
    if (door === 'rest') {
      const http = createHttp(fetchAs(line.address, me));
      return { send: (text, clientId) => sendByRest(http, to, text, clientId), client: undefined };
    }
    const client = createClient({
      address: line.address,
      cookie: me.cookie,
      connectionChanged(is) {
        isConnected = is;
        if (is) connected += 1;
      },
    });
    return { send: (text, clientId) => client.send(to, text, { clientId }), client };
  }
  const { send, client } = open();

  async function writeOn(): Promise<void> {
    for (let number = 1; isWriting; number += 1) {
      const clientId = `${name}-${number}`;
      acknowledged.set(clientId, await send(`${name} says ${number}`, clientId));
      for (const look of waiting) look();
      await pause(restMs);
    }
  }
  const written = writeOn();
  // Whoever waits for it hears of it.
  written.catch(() => undefined);

  return {
    name,
    door,
    acknowledged,
    connected: () => connected,
    opened: () => line.opened(),
    isConnected: () => isConnected,
    async writes(more) {
      const wanted = acknowledged.size + more;
      const done = new Promise<void>((resolve) => {
        const look = (): void => {
          if (acknowledged.size < wanted) return;
          waiting = waiting.filter((one) => one !== look);
          resolve();
        };
        waiting.push(look);
      });
      await Promise.race([done, written.then(() => Promise.reject(new Error(`${name} stopped writing`)))]);
    },
    async finish() {
      isWriting = false;
      await written;
    },
    leave() {
      client?.close();
      line.close();
    },
  };
}

/** Many connections of one person, counted together. */
export interface Onlooker {
  /** How many are there now. */
  tabs(): number;
  /** How often one of them came. */
  connected(): number;
  /** How often one of them was tried. */
  opened(): number;
  /** Resolves when all are there again. */
  complete(): Promise<void>;
  leave(): void;
}

async function createOnlooker(line: DeviceConnection, cookie: string, count: number): Promise<Onlooker> {
  let connected = 0;
  let tabs = 0;
  let waiting: (() => void)[] = [];
  const connectionChanged = (is: boolean): void => {
    if (is) connected += 1;
    tabs += is ? 1 : -1;
    if (tabs < count) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const open = () => createClient({ address: line.address, cookie, connectionChanged });
  const clients = Array.from({ length: count }, open);
  const complete = (): Promise<void> =>
    tabs === count ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve));
  await complete();
  return {
    tabs: () => tabs,
    connected: () => connected,
    opened: () => line.opened(),
    complete,
    leave() {
      for (const client of clients) client.close();
      line.close();
    },
  };
}

/** The whole log of a conversation, from its beginning on. */
async function readLog(http: Http, conversationId: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const query = { after: entries.at(-1)?.seq ?? 0, limit: 500 };
    const path = `/api/conversations/${conversationId}/entries`;
    const { data: page } = await http({ path, query, answer: EntriesPage });
    entries.push(...page.entries);
    if (!page.more) return entries;
  }
}

let crowds = 0;

export type Crowd = Awaited<ReturnType<typeof createCrowd>>;

/**
 * People in one group who write all the time.
 * @param url where they come in: a balancer
 */
export async function createCrowd(url: string, doors: readonly Door[]) {
  const port = Number(new URL(url).port);
  crowds += 1;
  const names = doors.map((door, index) => `${door}${index}of${crowds}`);
  const people: SignedIn[] = [];
  for (const name of names) people.push(await join(url, name));
  const [owner] = people;
  if (!owner) throw new Error('Nobody is there');
  const http = createHttp(fetchAs(url, owner));
  const body = { name: 'Everybody', memberIds: people.map(({ me }) => me._id) };
  const group = await http({ method: 'POST', path: '/api/conversations', body, answer: Conversation });
  const to = group.data._id;
  const writers: Writer[] = [];
  for (const [index, door] of doors.entries()) {
    const me = people[index];
    const line = await createDeviceConnection(() => port);
    if (me) writers.push(createWriter(names[index] ?? '', door, line, me, to));
  }
  return {
    writers,
    /** Everybody has written that many more. */
    write: (more: number) => Promise.all(writers.map((writer) => writer.writes(more))),
    /** Nobody writes any more, and all that was written is acknowledged. */
    finish: () => Promise.all(writers.map((writer) => writer.finish())),
    log: () => readLog(http, to),
    /** Somebody who has that many tabs open and says nothing. Resolves when all are connected. */
    async onlooker(name: string, tabs: number): Promise<Onlooker> {
      const [{ cookie }, line] = await Promise.all([join(url, name), createDeviceConnection(() => port)]);
      return createOnlooker(line, cookie, tabs);
    },
    /** Somebody who only comes in, and stays. */
    async newcomer(name: string): Promise<Client> {
      const { cookie } = await join(url, name);
      return new Promise((resolve, reject) => {
        const client = createClient({
          address: url,
          cookie,
          signedOut: reject,
          connectionChanged: (is) => is && resolve(client),
        });
      });
    },
    leave(): void {
      for (const writer of writers) writer.leave();
    },
  };
}
