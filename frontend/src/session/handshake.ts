import { type ApiError, needsSignIn, passes, type SoriSocket, toApiError } from '@sori/client';
import {
  protocolVersion,
  refusalReasonOf,
  versions,
  type EnteredRoom,
  type SessionEnd,
} from '@sori/contract';
import type { Api } from '../api/api';
import type { Clock } from '../device/clock';
import { currentLanguage } from '../i18n';
import type { Visit, Store } from '../store/state';
import type { Session } from './session';
import { asPerson } from './visits';

type Deps = {
  api: Api;
  socket: SoriSocket;
  store: Store;
  clock: Clock;
  session: Session;
  /** Who is signed in is not known any more. */
  askWho: () => void;
};

export type Handshake = {
  /** The server said just now who we are; or, with false, this device only remembers it. */
  said: (byServer?: boolean) => void;
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

/** Under the same name, or else under the one that the server gives. */
const enterAgain = (api: Api, { slug }: Visit, nickname: string | undefined): Promise<EnteredRoom> => {
  const language = currentLanguage();
  return api.enterRoom(slug, { nickname, language }).catch((thrown: unknown) => {
    if (nickname === undefined || !mayBeTheName(toApiError(thrown))) throw thrown;
    return api.enterRoom(slug, { language });
  });
};

/**
 * What the socket says when it connects. The cookie is all tabs' cookie: while this one slept, another person may have
 * signed in beside it, and the connection that comes back would be theirs. So each later connection asks whose it is before
 * it is used.
 */
export const createHandshake = ({ api, socket, store, clock, session, askWho }: Deps): Handshake => {
  /**
   * When the server last said who we are, null where that is used up: a connection that opens soon need not be asked
   * about.
   */
  let saidAt: number | null = null;
  /** Connections that have asked whose they are, so far. */
  let handshakes = 0;

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
        ? (session.account()?.whose() ?? api.me()).then((me) => {
            if (isGone()) return;
            if (me._id === before?._id) connect(thisPage);
            else session.signedIn(me);
          })
        : enterAgain(api, visit, before?.fullName).then((room) => {
            if (isGone()) return;
            if (room.me._id === before?._id) {
              if (room.me.name !== before.fullName) session.guestEntered(asPerson(room.me), visit, false);
              connect(thisPage);
            }
            // Signed in beside this tab; or the visit had ended, and this is the next one.
            else if (room.me.guest) session.entered(room);
            else askWho();
          });
    asked.catch((thrown: unknown) => {
      if (isGone()) return;
      const error = toApiError(thrown);
      const isOver = visit === null ? needsSignIn(error) : !passes(error);
      if (isOver) session.ended(visit === null ? 'expired' : visitEnding(error));
      // Closing the connection makes Socket.IO come back, as after any other failure.
      else
        clock.after(Math.max(error.retryAfterMs ?? 0, ownerRetryMs), () => {
          if (!isGone()) socket.io.engine.close();
        });
    });
  };

  return {
    said: (byServer = true) => {
      saidAt = byServer ? clock.now() : null;
    },
  };
};
