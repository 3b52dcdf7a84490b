import {
  type ErrorCode,
  type Language,
  MessageText,
  Nickname,
  type OpenChat,
  type OpenRequests,
  openRequests,
  type OpenUpdate,
} from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound, toAppError, toWireError, unavailable } from '../../core/errors.js';
import { createPlaces } from '../../limits/places.js';
import type { EntryRow } from '../../conversation-log/entries.model.js';
import { answerEvents } from '../../realtime/answer.js';
import type { AnswersTo } from '../../realtime/answers.js';
import type { Clock } from '../../realtime/clock.js';
import { closeForGood, nameOf, onceGone } from '../../realtime/connection.js';
import type { SocketServer, SoriSocket } from '../../realtime/server.js';
import { placeOfSocket } from '../../realtime/whereabouts.js';
import { lobbyId } from '../rooms/room-id.js';
import type { Rooms } from '../rooms/room.service.js';

export interface LobbyDeps {
  rooms: Pick<
    Rooms,
    'enterPlain' | 'leavePlain' | 'refuseBanned' | 'onOccupancyChange' | 'onEvicted' | 'onBanned'
  >;
  /** Writes to the lobby's log, under the rules that hold for everybody. */
  send: (caller: Caller, to: { to: string; message: string; attachments: [] }) => Promise<unknown>;
  /** Counts one coming from this address, before anything is looked up for it; throws RATE_LIMITED. */
  countConnect: (address: string) => Promise<void>;
  /** Counts one event of this connection; throws RATE_LIMITED. */
  eventLimit: { take: (connection: string) => Promise<void> };
  config: { openLobby: boolean; trustProxyHops: number; limits: { openSocketsPerAddress: number } };
  clock: Clock;
  /** Something was answered with this error. */
  refused?: (code: ErrorCode) => void;
  report: (bug: unknown) => void;
}

/** The two ways of speaking, each the name of the Socket.IO room of those who do. Who has no name yet is in neither. */
type Dialect = 'update' | 'server-client-chat';
type Kind = OpenUpdate['type'];

const language: Language = 'ko';
type Words = Record<'connect' | 'disconnect', (who: string) => string>;
const notices: Record<Language, Words> = {
  ko: { connect: (name) => `${name}님이 입장했습니다.`, disconnect: (name) => `${name}님이 나갔습니다.` },
  en: { connect: (name) => `${name} joined.`, disconnect: (name) => `${name} left.` },
};
const counts: Record<Language, Words> = {
  ko: { connect: (count) => `${count}명이 입장했습니다.`, disconnect: (count) => `${count}명이 나갔습니다.` },
  en: { connect: (count) => `${count} joined.`, disconnect: (count) => `${count} left.` },
};

/** What a client of this namespace has said of itself. */
interface Plain {
  userId: string;
  address: string;
  /** Set with its first word: a second name is refused, also while the first is looked at. */
  named: boolean;
  name: string | undefined;
}

interface PlainSocket {
  socket: SoriSocket;
  plain: Plain;
}

interface RawEmitter {
  emit(name: string, notice: unknown): unknown;
}

export type Lobby = ReturnType<typeof attachLobby>;

/** The lobby for plain clients, which know neither accounts nor conversations. */
export function attachLobby(io: SocketServer, deps: LobbyDeps) {
  const { rooms, send, countConnect, eventLimit, config, clock, report } = deps;
  const space = io.of('/open');
  const places = createPlaces(
    config.limits.openSocketsPerAddress,
    'There are too many connections from your address',
  );
  const sockets = new Map<string, SoriSocket>();
  const leaving = new Set<Promise<void>>();
  let emittedSeq = 0;

  /** To all who speak, in the way that each of them does; a message not to who sent it in the first dialect. */
  function emit(type: Kind, name: string, message: string, senderId?: string): void {
    const update: OpenUpdate = { type, name, message };
    const own = senderId === undefined ? undefined : sockets.get(senderId)?.id;
    (space.to('update').except(own ?? []) as RawEmitter).emit('update', update);
    const chat: OpenChat = { type: type === 'message' ? 'chat' : 'notice', userName: name, message };
    (space.to('server-client-chat') as RawEmitter).emit('server-client-chat', chat);
  }

  function goOut(userId: string): void {
    const gone = rooms.leavePlain(lobbyId, userId).catch((error: unknown) => void toAppError(error, report));
    leaving.add(gone);
    void gone.then(() => leaving.delete(gone));
  }

  async function comeIn(
    socket: SoriSocket,
    plain: Plain,
    nickname: string,
    dialect: Dialect,
  ): Promise<string> {
    if (plain.named) throw new AppError('REFUSED', 'You have a name already');
    const wish = Nickname.parse(nickname);
    plain.named = true;
    const { userId, address } = plain;
    try {
      sockets.set(userId, socket);
      const { name } = await rooms.enterPlain(lobbyId, {
        userId,
        nickname: wish,
        address,
        language,
        // Not before, so that nobody listens unseen; and not after, so that they receive their own arrival like everybody.
        named: (given) => {
          // Whoever has received their arrival may be answered at once.
          plain.name = given;
          void socket.join(dialect);
        },
      });
      // Gone while the name was looked for, and nobody would ever say so.
      if (!socket.connected) goOut(userId);
      return name;
    } catch (error) {
      plain.named = false;
      plain.name = undefined;
      sockets.delete(userId);
      void socket.leave(dialect);
      throw error;
    }
  }

  async function say({ userId, name }: Plain, text: string): Promise<string> {
    if (name === undefined) throw new AppError('REFUSED', 'Say who you are first');
    const guest = { conversationId: lobbyId, name };
    await send(
      { userId, sessionId: userId, guest },
      { to: lobbyId, message: MessageText.parse(text), attachments: [] },
    );
    return name;
  }

  const answers: AnswersTo<OpenRequests, PlainSocket> = {
    newUser: async ({ socket, plain }, nickname) => ({
      name: await comeIn(socket, plain, nickname ?? '', 'update'),
    }),
    message: async ({ plain }, { message }) => ({ name: await say(plain, message) }),
    'client-server-chat': async ({ socket, plain }, { type, userName, message }) => ({
      name: await (type === 'notice'
        ? comeIn(socket, plain, userName, 'server-client-chat')
        : say(plain, message)),
    }),
  };

  /** @throws AppError NOT_FOUND (no lobby), RATE_LIMITED (too many from there), REFUSED (a ban) */
  async function letIn(socket: SoriSocket): Promise<void> {
    if (!config.openLobby) throw notFound();
    const { address } = placeOfSocket(socket, config.trustProxyHops);
    await countConnect(address);
    // It may have gone by now, also in the very turn in which it came, and would never say so again.
    if (socket.conn.readyState !== 'open') throw unavailable();
    // Nothing is waited for in between: many that come at once must not all find the same place free.
    const leave = onceGone(socket, places.take(address));
    try {
      await rooms.refuseBanned(lobbyId, { address });
    } catch (error) {
      leave();
      throw error;
    }
  }

  space.use((socket, next) => {
    letIn(socket).then(
      () => next(),
      (error: unknown) => {
        const refused = toAppError(error, report);
        next(Object.assign(new Error(refused.message), { data: toWireError(refused) }));
      },
    );
  });

  space.on('connection', (socket) => {
    const plain: Plain = {
      userId: new Types.ObjectId().toHexString(),
      address: placeOfSocket(socket, config.trustProxyHops).address,
      named: false,
      name: undefined,
    };
    socket.once('disconnect', () => {
      sockets.delete(plain.userId);
      if (plain.name !== undefined) goOut(plain.userId);
    });
    answerEvents<OpenRequests, PlainSocket>(socket, {
      rows: openRequests,
      answers,
      asking: { socket, plain },
      count: () => eventLimit.take(nameOf(socket.conn) ?? socket.id),
      empty: undefined,
      refused: deps.refused,
      report,
    });
  });

  rooms.onOccupancyChange(({ conversationId, joined, left, passed }) => {
    if (conversationId !== lobbyId) return;
    const isCrowd = passed !== undefined;
    for (const [type, people] of [
      ['connect', joined],
      ['disconnect', left],
    ] as const) {
      if (!isCrowd) for (const { name } of people) emit(type, name, notices[language][type](name));
      else if (people.length > 0) emit(type, '', counts[language][type](String(people.length)));
    }
  });
  rooms.onEvicted((userId) => {
    const socket = sockets.get(userId);
    if (socket) closeForGood(socket, clock);
  });
  rooms.onBanned((conversationId, addresses) => {
    if (conversationId !== lobbyId) return;
    for (const socket of space.sockets.values()) {
      const { address } = placeOfSocket(socket, config.trustProxyHops);
      if (addresses.includes(address)) closeForGood(socket, clock);
    }
  });

  return {
    name: 'lobby',

    /** A message of the lobby was stored, whoever wrote it. In the order of the log, and each once. */
    stored(entry: EntryRow): void {
      if (entry.kind !== 'message' || entry.conversationId.toHexString() !== lobbyId) return;
      if (entry.seq <= emittedSeq) return;
      emittedSeq = entry.seq;
      emit('message', entry.senderName ?? '', entry.message, entry.senderId.toHexString());
    },

    /** Resolved once everybody whose socket was closed has left. */
    async close(): Promise<void> {
      await Promise.all(leaving);
    },
  };
}
