import type { SoriSocket } from '@sori/client';
import type { Bootstrap, EnteredRoom, Id, Person, SessionEnd } from '@sori/contract';
import { forgetAccountDatabase } from '../store/accountDatabase';
import { forgetDrafts } from '../account/drafts/draftsStorage';
import { forgetEdits } from '../account/edits/editsStorage';
import type { Visit, VisitEnd, Store } from '../store/state';
import type { Account } from '../account/account';
import { forgetMe, rememberMe } from './signedInHere';
import { asPerson, forgetVisit, rememberedVisit, rememberVisit, visitOf } from './visits';

/** Who this page works for: somebody who is signed in, a guest, or nobody. */
export type Session = {
  /** What works for them; null while there is nobody. */
  account: () => Account | null;
  /** @param said by the server, and not only remembered by this device. */
  signedIn: (me: Person, said?: boolean, begun?: Bootstrap | null) => void;
  guestEntered: (me: Person, visit: Visit, said: boolean) => void;
  entered: (room: EnteredRoom) => void;
  signedOut: (suspended?: boolean) => void;
  visitEnded: (end: VisitEnd) => void;
  /** The server ended it. */
  ended: (reason: SessionEnd['reason']) => void;
  /** The page goes away. */
  stop: () => void;
};

type Deps = {
  store: Store;
  socket: SoriSocket;
  startAccount: (me: Person, visit: Visit | null, begun: Bootstrap | null) => Account;
  /** See `Handshake.said`. */
  said: (byServer: boolean) => void;
  /** Who is signed in need not be asked any more. */
  stopAsking: () => void;
};

/** Of a guest nothing stays on this device. What works for them has to be stopped before. */
const forgetGuest = (guest: Id) => {
  forgetVisit();
  forgetDrafts(guest);
  forgetEdits(guest);
  void forgetAccountDatabase(guest);
};

export const createSession = (deps: Deps): Session => {
  const { store, socket } = deps;
  let account: Account | null = null;

  const signedIn = (me: Person, said = true, begun: Bootstrap | null = null) => {
    deps.said(said);
    rememberMe(me);
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

  /** The server let a guest in. The same guest again may have another name. */
  const entered = (room: EnteredRoom) => {
    guestEntered(asPerson(room.me), visitOf(room), true);
    store.getState().conversationsReceived([room]);
  };

  const guestEntered = (me: Person, visit: Visit, said: boolean) => {
    deps.said(said);
    const isSame = store.getState().me?._id === me._id && account !== null;
    if (!isSame) account?.stop(true);
    rememberVisit({ me, visit });
    store.getState().guestEntered(me, visit);
    if (!isSame) work(me, visit);
  };

  const work = (me: Person, visit: Visit | null, begun: Bootstrap | null = null) => {
    const started = deps.startAccount(me, visit, begun);
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
    deps.stopAsking();
    forgetMe();
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

  const ended = (reason: SessionEnd['reason']) => {
    const { visit } = store.getState();
    if (visit === null) signedOut(reason === 'suspended');
    else
      visitEnded({
        slug: visit.slug,
        reason: reason === 'kicked' || reason === 'deleted' ? reason : 'expired',
      });
  };

  return {
    account: () => account,
    signedIn,
    guestEntered,
    entered,
    signedOut,
    visitEnded,
    ended,
    stop: () => {
      account?.stop(false);
      account = null;
      socket.disconnect();
    },
  };
};
