import {
  type ApiError,
  backOff,
  createAsk,
  createSocket,
  needsSignIn,
  type OpenOutboxStorage,
  passes,
  type SoriSocket,
  toApiError,
  waitedFor,
} from '@sori/client';
import {
  Person,
  type Bootstrap,
  protocolVersion,
  refusalReasonOf,
  versions,
  type EnteredRoom,
  type Id,
  type Login,
  type SessionEnd,
  type Signup,
} from '@sori/contract';
import { createApi, type Api } from '../api/api';
import { deviceTexts } from '../device/keptTexts';
import { wantsLessMotion } from '../device/media';
import { currentLanguage } from '../i18n';
import { watchAttention } from '../notify/attention';
import { showBadge, unreadTotal } from '../notify/badge';
import { createSound, type Sound } from '../notify/sound';
import { forgetAccountDatabase } from '../store/accountDatabase';
import { parsedJson } from '../device/json';
import { forgetDrafts, forgetSavedDrafts } from '../store/draftsStorage';
import { forgetEdits, forgetUntouchedEdits } from '../store/editsStorage';
import { openBestStorage } from '../store/outboxStorage';
import { openBestCache, type OpenCacheStorage } from '../store/cacheStorage';
import { openBestChanges, type OpenChangesStorage } from '../store/changesStorage';
import type { Visit, VisitEnd } from '../store/state';
import { createAppStore, type Store } from '../store/store';
import { startAccount, type Account } from './account';
import { systemClock, type Clock } from '../device/clock';
import { pageSize } from './conversationList';
import { endMutes } from './mutes';
import { settleDoubts } from '../device/serverTime';
import { listen } from './sync';
import {
  asPerson,
  forgetVisit,
  isAt,
  rememberedVisit,
  rememberNickname,
  rememberVisit,
  visitOf,
} from './visits';

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
  /** Asks at once who is signed in here, where that is not known yet, instead of at the next try. */
  askAgain: () => void;
  /** All three throw an ApiError. */
  signUp: (form: Signup) => Promise<void>;
  logIn: (form: Login) => Promise<void>;
  logOut: () => Promise<void>;
  /**
   * Into an open room: as a member for who is signed in, else as a guest. Also to change a guest's name. Throws an
   * ApiError.
   */
  enterRoom: (slug: string, nickname?: string) => Promise<EnteredRoom>;
  /** Ends a guest's visit. Throws an ApiError. */
  leaveAsGuest: () => Promise<void>;
};

export type ClientDeps = {
  api: Api;
  socket: SoriSocket;
  clock: Clock;
  sound: Sound;
  openOutbox: OpenOutboxStorage;
  openCache: OpenCacheStorage;
  openChanges: OpenChangesStorage;
  /** Loads the page anew. */
  reload: () => void;
};

/**
 * Who was signed in here last. It opens nothing: it lets the page show what this device keeps, and take messages into
 * the outbox, while the server cannot be asked. The server decides as soon as it is heard.
 */
const memoryKey = 'sori:me';

const remembered = (): Person | null => {
  const parsed = Person.safeParse(parsedJson(deviceTexts.read(memoryKey)));
  return parsed.success ? parsed.data : null;
};

/** What it means for a guest that the room does not let them in again. */
const visitEnding = (error: ApiError): SessionEnd['reason'] => {
  if (isBan(error)) return 'kicked';
  return error.code === 'NOT_FOUND' ? 'deleted' : 'expired';
};
const isBan = ({ details }: ApiError): boolean => refusalReasonOf(details) === 'banned';
/** The name alone may be what is not had any more: one that was reserved since, say. */
const mayBeTheName = (error: ApiError): boolean =>
  error.code === 'INVALID' || (error.code === 'REFUSED' && !isBan(error));

/** Between two tries where the connection is there and the server cannot say who we are. */
const ownerRetryMs = 2_000;
/** Too short to sign out and somebody else in, in another tab. */
const freshMs = 5_000;
/** What a connection says of the page that opens it. */
const thisPage = { protocol: protocolVersion, build: versions.build };

export const createClient = (given: Partial<ClientDeps> = {}): Client => {
  const store = createAppStore();
  const api = given.api ?? createApi();
  const socket = given.socket ?? createSocket();
  const clock = given.clock ?? systemClock;
  const sound = given.sound ?? createSound();
  const openOutbox = given.openOutbox ?? openBestStorage();
  const openCache = given.openCache ?? openBestCache();
  const openChanges = given.openChanges ?? openBestChanges();
  const reload = given.reload ?? (() => window.location.reload());
  const ask = createAsk(socket);
  let account: Account | null = null;
  let cancelRetry: () => void = () => undefined;
  /** How often it was asked who is signed in: only the latest answer counts. */
  let questions = 0;
  /**
   * When the server last said who we are, null where that is used up: a connection that opens soon need not be asked
   * about.
   */
  let saidAt: number | null = null;
  /** Connections that have asked whose they are, so far. */
  let handshakes = 0;

  /**
   * The cookie is all tabs' cookie: while this one slept, another person may have signed in beside it, and the connection
   * that comes back would be theirs. So each later connection asks whose it is before it is used.
   */
  socket.auth = (answer) => {
    const mine = (handshakes += 1);
    // A connection that is gone by then must not speak for the next one: the server takes one CONNECT of each.
    const isGone = () => mine !== handshakes;
    const connect = (auth: object) => {
      if (!isGone()) answer(auth);
    };
    const age = saidAt === null ? freshMs : clock.now() - saidAt;
    // Below zero: the clock was set back meanwhile, and nobody knows.
    const isFresh = age >= 0 && age < freshMs;
    saidAt = null;
    if (isFresh) {
      connect(thisPage);
      return;
    }
    const { visit, me: before } = store.getState();
    const asked =
      visit === null
        ? (account?.whose() ?? api.me()).then((me) => {
            if (isGone()) return;
            if (me._id === before?._id) connect(thisPage);
            else signedIn(me);
          })
        : enterAgain(visit, before?.fullName).then((room) => {
            if (isGone()) return;
            if (room.me._id === before?._id) {
              if (room.me.name !== before.fullName) guestEntered(asPerson(room.me), visit, false);
              connect(thisPage);
            }
            // Signed in beside this tab; or the visit had ended, and this is the next one.
            else if (room.me.guest) entered(room);
            else void askWho(0);
          });
    asked.catch((thrown: unknown) => {
      if (isGone()) return;
      const error = toApiError(thrown);
      const isOver = visit === null ? needsSignIn(error) : !passes(error);
      if (isOver) sessionEnded(visit === null ? 'expired' : visitEnding(error));
      // Closing the connection makes Socket.IO come back, as after any other failure.
      else
        clock.after(Math.max(error.retryAfterMs ?? 0, ownerRetryMs), () => {
          if (!isGone()) socket.io.engine.close();
        });
    });
  };

  /** Under the same name, or else under the one that the server gives. */
  const enterAgain = ({ slug }: Visit, nickname: string | undefined): Promise<EnteredRoom> => {
    const language = currentLanguage();
    return api.enterRoom(slug, { nickname, language }).catch((thrown: unknown) => {
      if (nickname === undefined || !mayBeTheName(toApiError(thrown))) throw thrown;
      return api.enterRoom(slug, { language });
    });
  };

  const signedIn = (me: Person, said = true, begun: Bootstrap | null = null) => {
    saidAt = said ? clock.now() : null;
    deviceTexts.write(memoryKey, JSON.stringify(me));
    if (store.getState().me?._id === me._id && account !== null) {
      store.getState().signedIn(me);
      return;
    }
    const { visit, drafts, me: before } = store.getState();
    const guest = visit === null ? rememberedVisit()?.me : before;
    // Somebody else, who was signed in here, is so no longer.
    account?.stop(true);
    if (guest) forgetGuest(guest._id);
    store.getState().signedIn(me);
    work(me, null, begun);
    // Whoever was a guest until now goes on with what they were writing.
    const written = visit === null ? undefined : drafts[visit.conversationId];
    if (visit !== null && written !== undefined) store.getState().draftBrought(visit.conversationId, written);
  };

  /** Of a guest nothing stays on this device. What works for them has to be stopped before. */
  const forgetGuest = (guest: Id) => {
    forgetVisit();
    forgetDrafts(guest);
    forgetEdits(guest);
    void forgetAccountDatabase(guest);
  };

  /** The server let a guest in. The same guest again may have another name. */
  const entered = (room: EnteredRoom) => {
    guestEntered(asPerson(room.me), visitOf(room), true);
    store.getState().conversationsTold([room]);
  };

  const guestEntered = (me: Person, visit: Visit, said: boolean) => {
    saidAt = said ? clock.now() : null;
    const isSame = store.getState().me?._id === me._id && account !== null;
    if (!isSame) account?.stop(true);
    rememberVisit({ me, visit });
    store.getState().guestEntered(me, visit);
    if (!isSame) work(me, visit);
  };

  const work = (me: Person, visit: Visit | null, begun: Bootstrap | null = null) => {
    const started = startAccount(me, {
      store,
      api,
      ask,
      clock,
      sound,
      wantsLessMotion,
      openOutbox,
      openCache,
      openChanges,
      visit,
      begun,
      reload,
      isSomebodyElse: signedIn,
      said: () => {
        saidAt = clock.now();
      },
      isConnected: () => socket.connected,
    });
    // A connection that was opened as somebody else must not go on as theirs.
    socket.disconnect();
    store.getState().connectionChanged('connecting');
    account = started;
    // Not before what this device keeps is there: what is told then goes on from it.
    void started.ready.then(() => {
      if (account === started) socket.connect();
    });
  };

  /** The queue and the drafts stay on this device, for when the same person is back. */
  const signedOut = (suspended = false) => {
    cancelRetry();
    deviceTexts.remove(memoryKey);
    account?.stop(true);
    account = null;
    socket.disconnect();
    store.getState().signedOut(suspended);
  };

  const visitEnded = (end: VisitEnd) => {
    const guest = store.getState().me?._id;
    account?.stop(true);
    account = null;
    socket.disconnect();
    store.getState().guestLeft(end);
    if (guest !== undefined) forgetGuest(guest);
  };

  const sessionEnded = (reason: SessionEnd['reason']) => {
    const { visit } = store.getState();
    if (visit === null) signedOut(reason === 'suspended');
    else
      visitEnded({
        slug: visit.slug,
        reason: reason === 'kicked' || reason === 'deleted' ? reason : 'expired',
      });
  };

  const begin = () => {
    const last = remembered();
    const guest = rememberedVisit();
    // The page shows at once what this device keeps; the connection, when there is one, first asks whose it is.
    if (last !== null) signedIn(last, false);
    else if (guest !== null && isAt(guest.visit)) guestEntered(guest.me, guest.visit, false);
    else void askWho(0);
  };

  const askWho = async (attempt: number): Promise<void> => {
    cancelRetry();
    const mine = (questions += 1);
    try {
      const begun = await api.bootstrap({ limit: pageSize });
      if (mine === questions) signedIn(begun.me, true, begun);
    } catch (thrown) {
      if (mine !== questions) return;
      const error = toApiError(thrown);
      if (needsSignIn(error)) {
        signedOut();
        return;
      }
      // With an account the socket goes on trying, and its handshake says what this question would.
      if (account === null || store.getState().status === 'guest')
        cancelRetry = clock.after(
          Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random)),
          () => void askWho(attempt + 1),
        );
    }
  };

  const enterRoom = async (slug: string, nickname?: string): Promise<EnteredRoom> => {
    const room = await api.enterRoom(slug, { nickname, language: currentLanguage() });
    if (room.me.guest) {
      rememberNickname(nickname ?? room.me.name);
      entered(room);
    } else store.getState().conversationsTold([room]);
    return room;
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
    askAgain: () => {
      if (store.getState().status === 'unknown') void askWho(0);
    },
    signUp: (form) => enter(api.signUp(form)),
    logIn: (form) => enter(api.logIn(form)),
    logOut: async () => {
      const left: Id | undefined = store.getState().me?._id;
      // What is being written goes where the person finds it again, and this device can forget it.
      if (account) await waitedFor(clock, account.drafts.saveNow());
      await api.logOut();
      if (left !== undefined) {
        forgetSavedDrafts(left);
        forgetUntouchedEdits(left);
      }
      signedOut();
    },
    enterRoom,
    leaveAsGuest: async () => {
      const { visit } = store.getState();
      if (visit === null) return;
      await api.leaveRoom(visit.slug);
      visitEnded({ slug: visit.slug, reason: 'left' });
    },
    start: () => {
      const endListening = listen({ socket, store, clock, account: () => account, sessionEnded });
      const endAttention = watchAttention((attention) => store.getState().attentionChanged(attention));
      const endBadge = store.subscribe((state, before) => {
        if (state.conversations !== before.conversations)
          showBadge(unreadTotal(state.conversations, clock.server.now()));
      });
      const endMuting = endMutes({ store, clock });
      const endDoubts = settleDoubts(() => api.me());
      begin();
      return () => {
        cancelRetry();
        endListening();
        endAttention();
        endBadge();
        endMuting();
        endDoubts();
        account?.stop(false);
        account = null;
        socket.disconnect();
      };
    },
  };
};
