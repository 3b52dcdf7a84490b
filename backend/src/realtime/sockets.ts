import { versions } from '@sori/contract';
import { type AnswerDeps, answerRequests } from './answer.js';
import type { Answers } from './answers.js';
import type { Clock } from './clock.js';
import { type Connection, nameConnection } from './connection.js';
import { type DoorDeps, guard } from './door.js';
import { createGate, type GateDeps, stopping } from './gate.js';
import { createHandshake, type HandshakeDeps } from './handshake.js';
import type { HeadsOf } from './heads-reader.js';
import { createHeadsHints } from './heads.js';
import { createSessionEnd, isHere } from './session-end.js';
import { rooms } from './rooms.js';
import type { Session, SocketServer, SoriSocket } from './server.js';
import { cutWhenSlow } from './slow-reader.js';
import { closeConnections } from './stop.js';
import { createEmitter, createEmitToSockets } from './emitter.js';
import { createWriteTogether } from './write-together.js';

export interface SocketDeps
  extends
    Omit<GateDeps, 'isOpen'>,
    Omit<HandshakeDeps, 'refusal'>,
    Omit<DoorDeps, 'clock'>,
    Omit<AnswerDeps, 'eventLimit'> {
  presence: {
    /** Resolved once the socket has been sent who is online; never rejects. */
    connected: (socket: { socketId: string; speaksSori: boolean } & Session) => Promise<void>;
    disconnected: (socketId: string, userId: string) => void;
  };
  /** The heads of all conversations of this person. */
  headsOf: HeadsOf;
  /** Others store entries, whose heads may follow a moment behind what they published. */
  severalServers: boolean;
  clock: Clock;
  /** A reader was too slow and lost its connection: worth counting. */
  onSlowReader?: (() => void) | undefined;
}

export interface Sockets {
  /** Refuses new handshakes with 503. The first step of a graceful stop; twice is once. */
  refuseNew(): void;
  /** Closes every connection, spread over some seconds; their clients come back, here or elsewhere. */
  sendAway(): Promise<void>;
  /** Refuses new handshakes and closes every connection, in at most about 3.5 s; resolved when none is left. */
  closeSockets(): Promise<void>;
}

/** Gives the server its rules: who is let in, what they are answered, what they receive first, when they must go. */
export function attachSockets(io: SocketServer, deps: SocketDeps): Sockets {
  const { clock, report, presence } = deps;
  const connections = new Map<string, Connection>();
  const gate = createGate(io, { ...deps, isOpen: (sid) => connections.has(sid) });
  const heads = createHeadsHints({
    headsOf: deps.headsOf,
    severalServers: deps.severalServers,
    emit: createEmitter(io, deps),
    emitToSockets: createEmitToSockets(io, deps),
    clock,
    report,
  });

  const writeTogether = createWriteTogether();
  io.engine.on('connection', (connection: Connection) => {
    const name = guard(connection, deps);
    connections.set(name, connection);
    nameConnection(connection, name);
    connection.once('close', () => connections.delete(name));
    // In this order: a packet that is held for the end of this turn finds the transport free.
    cutWhenSlow(connection, clock, deps.onSlowReader);
    writeTogether(connection);
  });

  const { expire, expelUnlessSignedIn } = createSessionEnd(deps);
  io.use(createHandshake({ ...deps, refusal: () => (gate.isShut() ? stopping() : undefined) }));

  async function welcome(socket: SoriSocket): Promise<void> {
    const { session, speaksSori } = socket.data;
    await expelUnlessSignedIn(socket);
    // Only now: whoever was refused or is gone already was never online.
    if (!isHere(socket)) return;
    socket.once('disconnect', () => {
      presence.disconnected(socket.id, session.userId);
      heads.end(socket.id, session.userId);
    });
    await presence.connected({ ...session, socketId: socket.id, speaksSori });
    if (speaksSori && isHere(socket)) await heads.begin(socket.id, session.userId);
  }

  io.on('connection', (socket) => {
    const { session, speaksSori } = socket.data;
    // The rooms first, then the heads: whatever is emitted from here on is received, whatever was emitted before is
    // below a head.
    void socket.join([
      (speaksSori ? rooms.person : rooms.tutorial)(session.userId),
      rooms.session(session.sessionId),
    ]);
    // The client said in `auth.build` which program it is.
    if (speaksSori) socket.emit('versions', versions);
    answerRequests(socket, deps);
    expire(socket);
    welcome(socket).catch(report);
  });

  return {
    refuseNew: () => gate.shut(),
    sendAway: () => closeConnections(new Set(connections.values()), clock),
    async closeSockets() {
      gate.shut();
      heads.close();
      await closeConnections(new Set(connections.values()), clock);
    },
  };
}

/** The handler of `people:watch`: only Sori sockets are notified, so only they are remembered. */
export const peopleWatchAnswers = (io: SocketServer) =>
  ({
    'people:watch': async ({ socketId, speaksSori }, { on }) => {
      const socket = io.sockets.sockets.get(socketId);
      const room = rooms.watchers('people');
      if (speaksSori && on) await socket?.join(room);
      else await socket?.leave(room);
      return {};
    },
  }) satisfies Partial<Answers>;
