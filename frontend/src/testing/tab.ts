import { request } from 'node:http';
import { createHttp, createMemoryStorage, createSocket, itemsOf, type OpenOutboxStorage } from '@sori/client';
import type { Id, Person } from '@sori/contract';
import { createApi } from '../api/api';
import { createClient, type Client } from '../session/client';
import { buildRows } from '../features/messages/rows';
import type { ThreadRow } from '../features/messages/threadRow';
import { createMemoryCache, type OpenCacheStorage } from '../account/cache/cacheStorage';
import { createMemoryChanges, type OpenChangesStorage } from '../account/changes/changesStorage';
import { keyOf, type State } from '../store/state';

/** A browser's cookies: all its tabs share them. */
export type Browser = {
  cookie: string;
  storage: OpenOutboxStorage;
  cache: OpenCacheStorage;
  changes: OpenChangesStorage;
  /** The answer to the next request for that path stays on its way until it is released. */
  hold: (path: string) => HeldAnswer;
  /** @returns resolved when an answer to this path may arrive. */
  arrival: (path: string) => Promise<void>;
};
export type HeldAnswer = {
  /** The server has answered. */
  answered: Promise<void>;
  /** Resolves when the page has made of the answer what it makes of it. */
  release: () => Promise<void>;
};

export const openBrowser = (): Browser => {
  const holding = new Map<string, { answered: () => void; released: Promise<void> }>();
  return {
    cookie: '',
    storage: createMemoryStorage({ outlivesPage: true }),
    cache: createMemoryCache(),
    changes: createMemoryChanges(),
    hold(path) {
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const answered = new Promise<void>((resolve) => holding.set(path, { answered: resolve, released }));
      return {
        answered,
        async release() {
          release();
          await new Promise((resolve) => setTimeout(resolve));
        },
      };
    },
    async arrival(path) {
      const held = holding.get(path);
      holding.delete(path);
      held?.answered();
      await held?.released;
    },
  };
};

/** The part of `fetch` that the page uses, over Node's http: the test environment has no fetch of its own. */
const fetchWith = (address: string, browser: Browser): typeof fetch =>
  ((path: string, options: RequestInit) =>
    new Promise((resolve, reject) => {
      const asked = request(
        new URL(path, address),
        {
          method: options.method ?? 'GET',
          headers: { ...(options.headers as Record<string, string>), cookie: browser.cookie },
        },
        (answer) => {
          let body = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => (body += chunk));
          answer.on('end', () => {
            for (const cookie of answer.headers['set-cookie'] ?? [])
              browser.cookie = cookie.split(';', 1)[0] ?? '';
            const status = answer.statusCode ?? 0;
            void browser.arrival(path).then(() =>
              resolve({
                ok: status >= 200 && status < 300,
                status,
                text: () => Promise.resolve(body),
                headers: { get: (name: string) => answer.headers[name.toLowerCase()] ?? null },
              }),
            );
          });
        },
      );
      options.signal?.addEventListener('abort', () => asked.destroy(new Error('aborted')));
      asked.on('error', reject);
      asked.end(options.body);
    })) as unknown as typeof fetch;

export type Tab = Client & {
  me: () => Person;
  /** How often the sound was played. */
  sounds: () => number;
  until: (holds: (state: State) => boolean, what: string) => Promise<State>;
  write: (to: Id, text: string) => string;
  rows: (to: Id) => readonly ThreadRow[];
  close: () => void;
};

/** What a failing test wants to know first. */
const summary = ({ status, connection, list, outbox, conversations }: State): string =>
  JSON.stringify({
    status,
    connection,
    list: list.state,
    outbox: itemsOf(outbox).map(({ text, state }) => `${text} ${state}`),
    conversations: Object.values(conversations).map(({ conversation: { headSeq, unread }, countedSeq }) => ({
      headSeq,
      unread,
      countedSeq,
    })),
  });

let written = 0;

/** A tab of that browser, with everything of the page but its components. */
export const openTab = (address: string, browser: Browser): Tab => {
  const extraHeaders = {
    get cookie() {
      return browser.cookie;
    },
  };
  let sounds = 0;
  const client = createClient({
    api: createApi(createHttp(fetchWith(address, browser))),
    socket: createSocket({ address, extraHeaders }),
    openOutbox: browser.storage,
    openCache: browser.cache,
    openChanges: browser.changes,
    sound: { play: () => (sounds += 1), unlock: () => undefined },
  });
  const { store } = client;
  const close = client.start();
  return {
    ...client,
    close,
    sounds: () => sounds,
    me: () => {
      const { me } = store.getState();
      if (me === null) throw new Error('Nobody is signed in');
      return me;
    },
    until: (holds, what) =>
      new Promise((resolve, reject) => {
        let unsubscribe: () => void = () => undefined;
        const timer = setTimeout(() => {
          unsubscribe();
          reject(new Error(`Waited in vain: ${what}. ${summary(store.getState())}`));
        }, 40_000);
        const look = () => {
          if (!holds(store.getState())) return;
          clearTimeout(timer);
          unsubscribe();
          resolve(store.getState());
        };
        unsubscribe = store.subscribe(look);
        look();
      }),
    write: (to, text) => {
      written += 1;
      const clientId = `test-${written}`;
      const key = keyOf(store.getState(), { userId: to });
      store
        .getState()
        .messageWritten({ clientId, to: key, lane: key, text, queuedAt: new Date().toISOString() });
      return clientId;
    },
    rows: (to) => {
      const state = store.getState();
      const key = keyOf(state, { userId: to });
      const window = state.windows[key];
      return buildRows({
        messages: window?.messages ?? [],
        hasNewer: window?.hasNewer ?? false,
        hasOlder: window?.hasOlder ?? false,
        outbox: state.outbox[key] ?? [],
        me: state.me?._id ?? '',
        people: state.people,
        members: state.conversations[key]?.conversation.members ?? [],
        dividerAfter: state.dividers[key] ?? null,
        changes: state.changes,
        receipts: state.settings?.receipts ?? true,
      });
    },
  };
};

/** That person's row in the list, as the state has it. */
export const directWith = (state: State, userId: Id) =>
  state.conversations[state.directs[userId] ?? '']?.conversation;
