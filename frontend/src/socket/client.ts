import { Person, protocolVersion, type Id, type Login, type Signup } from '@sori/contract';
import { toApiError } from '../api/ApiError';
import { createApi, type Api } from '../api/api';
import { watchAttention } from '../notify/attention';
import { showBadge, unreadTotal } from '../notify/badge';
import { createSound, type Sound } from '../notify/sound';
import { parsedJson } from '../store/json';
import { forgetDrafts } from '../store/draftsStorage';
import { openBestStorage, type OpenOutboxStorage } from '../store/outboxStorage';
import { openBestCache, type OpenCacheStorage } from '../store/cacheStorage';
import { createAppStore, type Store } from '../store/store';
import { startAccount, type Account } from './account';
import { systemClock, type Clock } from './clock';
import { backOff, createAsk, createSocket, needsSignIn, type SoriSocket } from './connection';
import { listen } from './sync';

/** Everything behind the page that is not visible: the one socket, the store, and those who keep the store right. */
export type Client = {
  /** Asks who is signed in and connects. Call once, in `main.tsx`. Returns what stops it all. */
  start: () => () => void;
  socket: SoriSocket;
  store: Store;
  api: Api;
  clock: Clock;
  /** What works for the person who is signed in; null while nobody is. */
  account: () => Account | null;
  /** All three throw an ApiError. */
  signUp: (form: Signup) => Promise<void>;
  logIn: (form: Login) => Promise<void>;
  logOut: () => Promise<void>;
};

export type ClientDeps = {
  api: Api;
  socket: SoriSocket;
  clock: Clock;
  sound: Sound;
  openOutbox: OpenOutboxStorage;
  openCache: OpenCacheStorage;
};

/**
 * Who was signed in here last. It opens nothing: it lets the page show what this device keeps, and take messages into
 * the outbox, while the server cannot be asked. The server decides as soon as it is heard.
 */
const memoryKey = 'sori:me';

const remembered = (): Person | null => {
  const parsed = Person.safeParse(parsedJson(localStorage.getItem(memoryKey)));
  return parsed.success ? parsed.data : null;
};

/** Between two tries where the line is there and the server cannot say who we are. */
const lineRetryMs = 2_000;

const wantsLessMotion = (): boolean =>
  typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;

export const createClient = (given: Partial<ClientDeps> = {}): Client => {
  const store = createAppStore();
  const api = given.api ?? createApi();
  const socket = given.socket ?? createSocket();
  const clock = given.clock ?? systemClock;
  const sound = given.sound ?? createSound();
  const openOutbox = given.openOutbox ?? openBestStorage();
  const openCache = given.openCache ?? openBestCache();
  const ask = createAsk(socket);
  let account: Account | null = null;
  let cancelRetry: () => void = () => undefined;
  /** The server has just said who we are; the next line need not be asked about. */
  let fresh = false;

  /**
   * The cookie is all tabs' cookie: while this one slept, another person may have signed in beside it, and the line that
   * comes back would be theirs. So each later line asks whose it is before it is used.
   */
  socket.auth = (connect) => {
    if (fresh) {
      fresh = false;
      connect({ protocol: protocolVersion });
      return;
    }
    api.me().then(
      (me) => {
        if (me._id === store.getState().me?._id) connect({ protocol: protocolVersion });
        else signedIn(me);
      },
      (thrown: unknown) => {
        if (needsSignIn(toApiError(thrown))) signedOut();
        // Closing the line makes Socket.IO come back, as after any other failure.
        else clock.after(lineRetryMs, () => socket.io.engine.close());
      },
    );
  };

  const signedIn = (me: Person, said = true) => {
    fresh = said;
    localStorage.setItem(memoryKey, JSON.stringify(me));
    if (store.getState().me?._id === me._id && account !== null) {
      store.getState().signedIn(me);
      return;
    }
    // Somebody else, who was signed in here, is so no longer.
    account?.stop(true);
    store.getState().signedIn(me);
    const started = startAccount(me, {
      store,
      api,
      ask,
      clock,
      sound,
      wantsLessMotion,
      openOutbox,
      openCache,
      isConnected: () => socket.connected,
    });
    // A line that was opened as somebody else must not go on as theirs.
    socket.disconnect();
    store.getState().connectionChanged('connecting');
    account = started;
    // Not before what this device keeps is there: what is told then goes on from it.
    void started.ready.then(() => {
      if (account === started) socket.connect();
    });
  };

  /** The queue and the drafts stay on this device, for when the same person is back. */
  const signedOut = () => {
    cancelRetry();
    localStorage.removeItem(memoryKey);
    account?.stop(true);
    account = null;
    socket.disconnect();
    store.getState().signedOut();
  };

  const begin = () => {
    const last = remembered();
    // The page shows at once what this device keeps; the line, when there is one, first asks whose it is.
    if (last === null) void askWho(0);
    else signedIn(last, false);
  };

  const askWho = async (attempt: number): Promise<void> => {
    try {
      signedIn(await api.me());
    } catch (thrown) {
      const error = toApiError(thrown);
      if (needsSignIn(error)) {
        signedOut();
        return;
      }
      // With an account the socket goes on trying, and its handshake says what this question would.
      if (account === null)
        cancelRetry = clock.after(
          Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random)),
          () => void askWho(attempt + 1),
        );
    }
  };

  const enter = async (asked: Promise<Person>): Promise<void> => {
    const me = await asked;
    cancelRetry();
    signedIn(me);
  };

  return {
    socket,
    store,
    api,
    clock,
    account: () => account,
    signUp: (form) => enter(api.signUp(form)),
    logIn: (form) => enter(api.logIn(form)),
    logOut: async () => {
      const left: Id | undefined = store.getState().me?._id;
      await api.logOut();
      if (left !== undefined) forgetDrafts(left);
      signedOut();
    },
    start: () => {
      const endListening = listen({ socket, store, clock, account: () => account, sessionEnded: signedOut });
      const endAttention = watchAttention((attention) => store.getState().attentionChanged(attention));
      const endBadge = store.subscribe((state, before) => {
        if (state.conversations !== before.conversations)
          showBadge(unreadTotal(state.conversations, clock.now()));
      });
      begin();
      return () => {
        cancelRetry();
        endListening();
        endAttention();
        endBadge();
        account?.stop(false);
        account = null;
        socket.disconnect();
      };
    },
  };
};
