import { type Clock, createSocket, keepConnected, type SoriSocket } from '@sori/client';
import type { Comings } from './comings.js';
import type { Follow } from './follow.js';
import type { Crossings } from './crossing.js';
import type { DeviceOutbox } from './outbox.js';
import type { Person } from './person.js';
import type { Recorder } from './recorder.js';
import type { Route } from './route.js';
import type { SeenOnline } from './seen-online.js';

export interface DeviceSocketDeps {
  device: string;
  person: Person;
  address: string;
  clock: Clock;
  recorder: Recorder;
  follow: Follow;
  outbox: DeviceOutbox;
  comings: Comings;
  route: Route;
  seenOnline: SeenOnline;
  crossings: Crossings;
  /** False while this person is away. */
  isWanted: () => boolean;
  /** False once the page has another one. */
  isCurrent: (socket: SoriSocket) => boolean;
}

/** A connection of a device, which goes on with what waited for it, and notices what may not be sent to it. */
export function openDeviceSocket(deps: DeviceSocketDeps): SoriSocket {
  const { device, person, address, clock, recorder, follow, outbox, comings } = deps;
  const { route, seenOnline, crossings, isWanted, isCurrent } = deps;
  const socket = createSocket({ address, extraHeaders: { cookie: person.cookie } });
  const isMine = (): boolean => isCurrent(socket);
  const ifMine =
    <Received>(take: (received: Received) => void) =>
    (received: Received): void => {
      if (isMine()) take(received);
    };
  keepConnected(socket, { clock, isWanted: () => isMine() && isWanted() });
  socket.on('connect', () => {
    if (!isMine()) return;
    recorder.count('connections made');
    recorder.count(`connected: to ${route.server()}`);
    recorder.count(`connected: by ${socket.io.engine.transport.name}`);
    follow.resume();
    outbox.resume();
    comings.resume();
  });
  socket.on('disconnect', (reason) => {
    if (!isMine()) return;
    seenOnline.forget();
    // Whoever goes by themselves still says so to that server, by polling in a connection of its own.
    if (reason !== 'io client disconnect') route.moveOn();
  });
  socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
    if (isMine()) route.moveOn();
    if (isMine() && error.data?.code === 'UNAUTHENTICATED')
      recorder.notice({ rule: 'server', what: `${device} is signed out: ${error.message}` });
  });
  socket.on(
    'newMessage',
    ifMine((message) => {
      crossings.came(message.message, route.server());
      follow.messageReceived(message);
    }),
  );
  socket.on(
    'entry',
    ifMine((entry) => follow.entryReceived(entry)),
  );
  socket.on(
    'heads',
    ifMine((heads) => follow.headsReceived(heads)),
  );
  socket.on(
    'getOnlineUsers',
    ifMine((userIds) => seenOnline.listed(userIds)),
  );
  socket.on(
    'presence',
    ifMine((change) => seenOnline.changed(change)),
  );
  socket.on(
    'read',
    ifMine((read) => {
      if (!recorder.belongs(person._id, read.conversationId)) return;
      // Nobody may be told of what a crash can take back.
      recorder.raise(read.conversationId, read.userId, read.readSeq, read.deliveredSeq);
    }),
  );
  socket.on(
    'conversation',
    ifMine(({ _id }) => void recorder.belongs(person._id, _id)),
  );
  socket.on(
    'conversation:gone',
    ifMine(({ conversationId }) => {
      if (!recorder.isGroup(conversationId))
        recorder.notice({ rule: 'I11', what: `${device} was told that ${conversationId} is gone` });
      recorder.count('told to be out of a group');
      follow.goneReceived(conversationId);
    }),
  );
  socket.on(
    'session',
    ifMine(() => recorder.notice({ rule: 'server', what: `${device}: its session was ended` })),
  );
  return socket;
}
