import { createAsk, createSocket, type OpenOutboxStorage, type SoriSocket, waitedFor } from '@sori/client';
import type { Person, EnteredRoom, Id, Login, Signup } from '@sori/contract';
import { createApi, type Api } from '../api/api';
import { wantsLessMotion } from '../device/media';
import { currentLanguage } from '../i18n';
import { watchAttention } from '../account/notifications/attention';
import { showBadge, unreadTotal } from '../account/notifications/badge';
import { createSound, type Sound } from '../account/notifications/sound';
import { forgetSavedDrafts } from '../account/drafts/draftsStorage';
import { forgetUntouchedEdits } from '../account/edits/editsStorage';
import { openBestStorage } from '../account/outbox/outboxStorage';
import { openKeptFiles, type OpenFiles } from '../account/uploads/keptFiles';
import { uploadByTus, type Upload } from '../account/uploads/tusUpload';
import { openBestCache, type OpenCacheStorage } from '../account/cache/cacheStorage';
import { openBestChanges, type OpenChangesStorage } from '../account/changes/changesStorage';
import { createAppStore } from './appStore';
import type { Store } from '../store/state';
import { startAccount, type Account } from '../account/account';
import { systemClock, type Clock } from '../device/clock';
import { createHandshake } from './handshake';
import { endMutes } from '../account/notifications/mutes';
import { settleDoubts } from '../device/serverTime';
import { createSession, type Session } from './session';
import { rememberedMe } from './signedInHere';
import { listen } from './listen';
import { isAt, rememberedVisit, rememberNickname } from './visits';
import { createWhoIsSignedIn } from './whoIsSignedIn';

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
  openFiles: OpenFiles;
  upload: Upload;
  openCache: OpenCacheStorage;
  openChanges: OpenChangesStorage;
  /** Loads the page anew. */
  reload: () => void;
};

const withDefaults = (given: Partial<ClientDeps>): ClientDeps => ({
  api: given.api ?? createApi(),
  socket: given.socket ?? createSocket(),
  clock: given.clock ?? systemClock,
  sound: given.sound ?? createSound(),
  openOutbox: given.openOutbox ?? openBestStorage(),
  openFiles: given.openFiles ?? openKeptFiles,
  upload: given.upload ?? uploadByTus,
  openCache: given.openCache ?? openBestCache(),
  openChanges: given.openChanges ?? openBestChanges(),
  reload: given.reload ?? (() => window.location.reload()),
});

/** What is followed as long as the page is there. @returns what ends it. */
const watchAll = (
  { api, socket, store, clock }: Pick<Client, 'api' | 'socket' | 'store' | 'clock'>,
  session: Session,
): (() => void)[] => [
  listen({ socket, store, clock, account: session.account, sessionEnded: session.ended }),
  watchAttention((attention) => store.getState().attentionChanged(attention)),
  store.subscribe((state, before) => {
    if (state.conversations !== before.conversations)
      showBadge(unreadTotal(state.conversations, clock.server.now()));
  }),
  endMutes({ store, clock }),
  settleDoubts(() => api.me()),
];

export const createClient = (given: Partial<ClientDeps> = {}): Client => {
  const store = createAppStore();
  const deps = withDefaults(given);
  const { api, socket, clock } = deps;
  const ask = createAsk(socket);
  const session: Session = createSession({
    store,
    socket,
    said: (byServer) => handshake.said(byServer),
    stopAsking: () => who.cancel(),
    startAccount: (me, visit, begun) =>
      startAccount(me, {
        ...deps,
        store,
        ask,
        wantsLessMotion,
        visit,
        begun,
        isSomebodyElse: (other) => session.signedIn(other),
        said: () => handshake.said(),
        isConnected: () => socket.connected,
      }),
  });
  const who = createWhoIsSignedIn({ api, clock, store, session });
  const handshake = createHandshake({ api, socket, store, clock, session, askWho: () => void who.ask() });

  const begin = () => {
    const last = rememberedMe();
    const guest = rememberedVisit();
    // The page shows at once what this device keeps; the connection, when there is one, first asks whose it is.
    if (last !== null) session.signedIn(last, false);
    else if (guest !== null && isAt(guest.visit)) session.guestEntered(guest.me, guest.visit, false);
    else void who.ask();
  };

  const enterRoom = async (slug: string, nickname?: string): Promise<EnteredRoom> => {
    const room = await api.enterRoom(slug, { nickname, language: currentLanguage() });
    if (room.me.guest) {
      rememberNickname(nickname ?? room.me.name);
      session.entered(room);
    } else store.getState().conversationsReceived([room]);
    return room;
  };

  const enter = async (asked: Promise<Person>): Promise<void> => {
    const me = await asked;
    who.cancel();
    session.signedIn(me);
  };

  return {
    socket,
    store,
    api,
    clock,
    account: session.account,
    askAgain: () => {
      if (store.getState().status === 'unknown') void who.ask();
    },
    signUp: (form) => enter(api.signUp(form)),
    logIn: (form) => enter(api.logIn(form)),
    logOut: async () => {
      const left: Id | undefined = store.getState().me?._id;
      // What is being written goes where the person finds it again, and this device can forget it.
      const account = session.account();
      if (account) await waitedFor(clock, account.drafts.saveNow());
      await api.logOut();
      if (left !== undefined) {
        forgetSavedDrafts(left);
        forgetUntouchedEdits(left);
      }
      session.signedOut();
    },
    enterRoom,
    leaveAsGuest: async () => {
      const { visit } = store.getState();
      if (visit === null) return;
      await api.leaveRoom(visit.slug);
      session.visitEnded({ slug: visit.slug, reason: 'left' });
    },
    start: () => {
      const ends = watchAll({ api, socket, store, clock }, session);
      begin();
      return () => {
        who.cancel();
        for (const end of ends) end();
        session.stop();
      };
    },
  };
};
