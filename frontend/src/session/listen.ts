import { keepConnected, listenTo, type SoriSocket } from '@sori/client';
import type { ServerToClientEvents, SessionEnd } from '@sori/contract';
import type { Store } from '../store/state';
import type { Account } from '../account/account';
import type { Clock } from '../device/clock';

type Deps = {
  socket: SoriSocket;
  store: Store;
  clock: Clock;
  /** Whom it concerns, or null while nobody is signed in: then nobody hears it. */
  account: () => Account | null;
  /** The server does not, or no longer, know who we are. */
  sessionEnded: (reason: SessionEnd['reason']) => void;
};

/**
 * The only place that listens to the socket, once for the life of the page: what is mounted, open or rendering makes no
 * difference to what is heard.
 */
export const listen = ({ socket, store, clock, account, sessionEnded }: Deps): (() => void) => {
  // The whole type: a notice without a handler does not compile.
  const notices: ServerToClientEvents = {
    versions: (versions) => account()?.versionsReceived(versions),
    newMessage: (message) => account()?.messageReceived(message),
    entry: (entry) => account()?.entryReceived(entry),
    heads: (heads) => account()?.headsReceived(heads),
    read: (notice) => account()?.positionsReceived(notice),
    conversation: (conversation) => account()?.conversationReceived(conversation),
    'conversation:gone': ({ conversationId }) => account()?.conversationGone(conversationId),
    typing: (received) => account()?.typings.received(received),
    'room:here': (received) => account()?.rooms.received(received),
    getOnlineUsers: (userIds) => {
      store.getState().onlineReceived(userIds);
      account()?.watching.onlineReceived();
    },
    presence: (change) => store.getState().presenceChanged(change),
    block: (change) => store.getState().blockReceived(change),
    'user:changed': (person) => store.getState().personChanged(person),
    'user:created': () => account()?.watching.arrived(),
    session: ({ reason }) => sessionEnded(reason),
  };
  const endListening = listenTo(socket, notices);

  const connected = () => {
    store.getState().connectionChanged('online');
    account()?.connected();
  };
  const disconnected = () => {
    account()?.typings.forget();
    store.getState().connectionChanged(navigator.onLine ? 'connecting' : 'offline');
  };
  const refused = (error: Error & { data?: { code?: string } }) => {
    if (error.data?.code === 'UNAUTHENTICATED') sessionEnded('expired');
    else store.getState().connectionChanged('offline');
  };
  socket.on('connect', connected);
  socket.on('disconnect', disconnected);
  socket.on('connect_error', refused);
  const endKeeping = keepConnected(socket, { clock, isWanted: () => account() !== null });

  // The system knows sooner than a time-out that the network went, and that it is back.
  // Where the server is on this very machine, the connection comes back at once.
  const wentOffline = () => {
    if (socket.connected) socket.io.engine.close();
    else store.getState().connectionChanged('offline');
  };
  const cameOnline = () => {
    if (account() === null) return;
    if (socket.connected) store.getState().connectionChanged('online');
    else {
      store.getState().connectionChanged('connecting');
      socket.disconnect().connect();
    }
  };
  window.addEventListener('offline', wentOffline);
  window.addEventListener('online', cameOnline);

  return () => {
    endKeeping();
    window.removeEventListener('offline', wentOffline);
    window.removeEventListener('online', cameOnline);
    endListening();
    socket.off('connect', connected);
    socket.off('disconnect', disconnected);
    socket.off('connect_error', refused);
  };
};
