import { type Language, MessageText, Nickname, OpenChat, OpenMessage, type OpenUpdate } from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound, toAppError, toRefusal, toWireError } from '../../core/errors.js';
import { addressOf } from '../../http/address.js';
import type { EntryRow } from '../../log/entries.model.js';
import type { Clock } from '../../realtime/clock.js';
import { closeForGood } from '../../realtime/connection.js';
import type { SocketServer, SoriSocket } from '../../realtime/server.js';
import { lobbyId } from './room-id.js';
import type { Rooms } from './room.service.js';

export interface OpenDeps {
  rooms: Pick<Rooms, 'enterPlain' | 'leavePlain' | 'onHere' | 'onEvicted'>;
  /** Writes to the lobby's log, under the rules that hold for everybody. */
  send: (caller: Caller, to: { to: string; message: string; attachments: [] }) => Promise<unknown>;
  /** Counts one event of this socket; throws RATE_LIMITED. */
  eventLimit: { take: (socketId: string) => Promise<void>; forget: (socketId: string) => Promise<void> };
  config: { openLobby: boolean; trustProxyHops: number; limits: { openSocketsPerAddress: number } };
  clock: Clock;
  report: (bug: unknown) => void;
}

/** The two ways of speaking, each the name of the Socket.IO room of those who do. Who has not said anything hears both. */
const dialects = ['update', 'server-client-chat'] as const;
type Dialect = (typeof dialects)[number];
type Kind = OpenUpdate['type'];

const language: Language = 'ko';
const notices: Record<Language, Record<'connect' | 'disconnect', (name: string) => string>> = {
  ko: { connect: (name) => `${name}님이 입장했습니다.`, disconnect: (name) => `${name}님이 나갔습니다.` },
  en: { connect: (name) => `${name} joined.`, disconnect: (name) => `${name} left.` },
};

/** What a client of this namespace has said of itself. */
interface Plain {
  userId: string;
  address: string;
  /** Set with its first word: a second name is refused, also while the first is looked at. */
  named: boolean;
  name: string | undefined;
}

interface Emitter {
  emit(name: string, notice: unknown): unknown;
}

/** The lobby for plain clients, which know neither accounts nor conversations (CONTRACT.md, "Namespace /open"). */
export function attachOpen(io: SocketServer, deps: OpenDeps) {
  const { rooms, send, eventLimit, config, clock, report } = deps;
  const space = io.of('/open');
  const most = config.limits.openSocketsPerAddress;
  const perAddress = new Map<string, number>();
  const sockets = new Map<string, SoriSocket>();
  const leaving = new Set<Promise<void>>();
  let toldSeq = 0;

  const count = (address: string, by: 1 | -1): void => {
    const next = (perAddress.get(address) ?? 0) + by;
    if (next > 0) perAddress.set(address, next);
    else perAddress.delete(address);
  };

  /** To all who speak, in the way that each of them does; a message not to who sent it in the first dialect. */
  function tell(type: Kind, name: string, message: string, senderId?: string): void {
    const update: OpenUpdate = { type, name, message };
    const own = senderId === undefined ? undefined : sockets.get(senderId)?.id;
    (space.to('update').except(own ?? []) as Emitter).emit('update', update);
    const chat: OpenChat = { type: type === 'message' ? 'chat' : 'notice', userName: name, message };
    (space.to('server-client-chat') as Emitter).emit('server-client-chat', chat);
  }

  function goOut(userId: string): void {
    const gone = rooms.leavePlain(lobbyId, userId).catch((error: unknown) => void toAppError(error, report));
    leaving.add(gone);
    void gone.then(() => leaving.delete(gone));
  }

  async function comeIn(
    socket: SoriSocket,
    plain: Plain,
    nickname: unknown,
    dialect: Dialect,
  ): Promise<string> {
    if (plain.named) throw new AppError('REFUSED', 'You have a name already');
    const wish = Nickname.parse(nickname ?? '');
    plain.named = true;
    for (const other of dialects) if (other !== dialect) void socket.leave(other);
    const { userId, address } = plain;
    try {
      sockets.set(userId, socket);
      const { name } = await rooms.enterPlain(lobbyId, { userId, nickname: wish, address, language });
      plain.name = name;
      // Gone while the name was looked for, and nobody would ever say so.
      if (!socket.connected) goOut(userId);
      return name;
    } catch (error) {
      plain.named = false;
      sockets.delete(userId);
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

  /** @returns the name of who asked */
  function carryOut(socket: SoriSocket, plain: Plain, event: unknown, payload: unknown): Promise<string> {
    switch (event) {
      case 'newUser':
        return comeIn(socket, plain, payload, 'update');
      case 'message':
        return say(plain, OpenMessage.parse(payload).message);
      case 'client-server-chat': {
        const { type, userName, message } = OpenChat.parse(payload);
        return type === 'notice'
          ? comeIn(socket, plain, userName, 'server-client-chat')
          : say(plain, message);
      }
      default:
        throw new AppError('INVALID', 'There is no such event');
    }
  }

  async function answer(socket: SoriSocket, plain: Plain, event: unknown, args: unknown[]): Promise<object> {
    try {
      await eventLimit.take(socket.id);
      return { ok: true, name: await carryOut(socket, plain, event, args[0]) };
    } catch (error) {
      return toRefusal(toAppError(error, report));
    }
  }

  space.use((socket, next) => {
    const address = addressOf(socket.request, config.trustProxyHops);
    const refused = !config.openLobby
      ? notFound()
      : most > 0 && (perAddress.get(address) ?? 0) >= most
        ? new AppError('RATE_LIMITED', 'There are too many connections from your address')
        : undefined;
    next(refused && Object.assign(new Error(refused.message), { data: toWireError(refused) }));
  });

  space.on('connection', (socket) => {
    const address = addressOf(socket.request, config.trustProxyHops);
    const plain: Plain = {
      userId: new Types.ObjectId().toHexString(),
      address,
      named: false,
      name: undefined,
    };
    count(address, 1);
    void socket.join([...dialects]);
    socket.once('disconnect', () => {
      count(address, -1);
      sockets.delete(plain.userId);
      eventLimit.forget(socket.id).catch(report);
      if (plain.name !== undefined) goOut(plain.userId);
    });
    socket.onAny((event: unknown, ...args: unknown[]) => {
      if (!socket.connected) return;
      const last = args.at(-1);
      const acknowledge = typeof last === 'function' ? (last as (reply: object) => void) : undefined;
      if (acknowledge) args.pop();
      answer(socket, plain, event, args)
        .then((reply) => acknowledge?.(reply))
        .catch(report);
    });
  });

  rooms.onHere(({ conversationId, joined, left }) => {
    if (conversationId !== lobbyId) return;
    for (const { name } of joined) tell('connect', name, notices[language].connect(name));
    for (const { name } of left) tell('disconnect', name, notices[language].disconnect(name));
  });
  rooms.onEvicted((userId) => {
    const socket = sockets.get(userId);
    if (socket) closeForGood(socket, clock);
  });

  return {
    /** A message of the lobby was stored, whoever wrote it. In the order of the log, and each once. */
    stored(entry: EntryRow): void {
      if (entry.kind !== 'message' || entry.conversationId.toHexString() !== lobbyId) return;
      if (entry.seq <= toldSeq) return;
      toldSeq = entry.seq;
      tell('message', entry.senderName ?? '', entry.message, entry.senderId.toHexString());
    },

    /** Resolved once everybody whose socket was closed has left. */
    async close(): Promise<void> {
      await Promise.all(leaving);
    },
  };
}
