import type { Notice, NoticeName, SessionEnd } from '@sori/contract';
import type { Audience } from '../core/audience.js';
import { closeForGood } from './connection.js';
import type { Clock } from './clock.js';
import { rooms, type WatchTopic } from './rooms.js';
import type { SocketServer } from './server.js';

/**
 * How a feature speaks to the sockets of people, without knowing any. Best effort: nobody waits for it, nothing fails
 * by it. Who may receive what is decided by the caller.
 */
export interface Emitter {
  /** To every socket of these people that speaks Sori (`auth.protocol: 1`). */
  toPeople<Name extends NoticeName>(userIds: Iterable<string>, name: Name, notice: Notice<Name>): void;
  /** To those and to every tutorial client of these people, at once: the notice is written as JSON once only. */
  toPeopleAndTutorials<Name extends NoticeName>(
    to: { people: Iterable<string>; tutorial: Iterable<string> },
    name: Name,
    notice: Notice<Name>,
  ): void;
  /** To every such socket of everybody in this conversation, but for those. */
  toOthersIn<Name extends NoticeName>(
    conversation: Pick<Audience, 'conversationId' | 'kind' | 'participants'>,
    except: readonly string[],
    name: Name,
    notice: Notice<Name>,
  ): void;
  /** Whether this server has a socket of this person's that speaks Sori. */
  hasSocket(userId: string): boolean;
  /** To every socket that asked for it (`people:watch`). */
  toWatchers<Name extends NoticeName>(topic: WatchTopic, name: Name, notice: Notice<Name>): void;
  /** Tells the sockets of this session, and only those, that it ended, and closes them. */
  endSession(sessionId: string, reason: SessionEnd['reason']): void;
}

/** The same to single sockets, by their ids: for what one tab asked for and its person's other tabs did not. */
export type EmitToSockets = <Name extends NoticeName>(
  socketIds: Iterable<string>,
  name: Name,
  notice: Notice<Name>,
) => void;

export interface EmitterDeps {
  clock: Clock;
  /** A stored entry was emitted to so many connections. */
  delivered?: (connections: number) => void;
  report: (bug: unknown) => void;
}

/** Socket.IO's own signature cannot follow an event name that is itself a type parameter to what belongs to it. */
interface RawEmitter {
  emit(name: NoticeName, notice: unknown): unknown;
}

const isEntry = (name: NoticeName): boolean => name === 'newMessage' || name === 'entry';

function connectionsIn(io: SocketServer, names: readonly string[]): number {
  const { rooms } = io.sockets.adapter;
  let connections = 0;
  for (const name of names) connections += rooms.get(name)?.size ?? 0;
  return connections;
}

const toRooms =
  (io: SocketServer, { delivered, report }: EmitterDeps) =>
  <Name extends NoticeName>(names: string[], name: Name, notice: Notice<Name>): void => {
    // Socket.IO takes "to no room" for "to everybody".
    if (names.length === 0) return;
    try {
      (io.to(names) as RawEmitter).emit(name, notice);
      if (delivered && isEntry(name)) delivered(connectionsIn(io, names));
    } catch (bug) {
      report(bug);
    }
  };

/** @param deps `report` is called with a notice that cannot be written as JSON; nothing else can go wrong here. */
export function createEmitter(io: SocketServer, deps: EmitterDeps): Emitter {
  const emit = toRooms(io, deps);
  return {
    toPeople: (userIds, name, notice) => emit(Array.from(userIds, rooms.person), name, notice),
    toPeopleAndTutorials: ({ people, tutorial }, name, notice) =>
      emit([...Array.from(people, rooms.person), ...Array.from(tutorial, rooms.tutorial)], name, notice),
    toOthersIn({ participants }, except, name, notice) {
      const not = new Set(except);
      const others = participants.filter((id) => !not.has(id));
      emit(others.map(rooms.person), name, notice);
    },
    hasSocket: (userId) => io.sockets.adapter.rooms.has(rooms.person(userId)),
    toWatchers: (topic, name, notice) => emit([rooms.watchers(topic)], name, notice),
    endSession(sessionId, reason) {
      const ids = io.sockets.adapter.rooms.get(rooms.session(sessionId)) ?? new Set<string>();
      emit([rooms.session(sessionId)], 'session', { reason });
      for (const id of [...ids]) {
        const socket = io.sockets.sockets.get(id);
        if (socket) closeForGood(socket, deps.clock);
      }
    },
  };
}

// A socket is in a room of its own id from the start.
export const createEmitToSockets = (io: SocketServer, deps: EmitterDeps): EmitToSockets => {
  const emit = toRooms(io, deps);
  return (socketIds, name, notice) => emit([...socketIds], name, notice);
};
