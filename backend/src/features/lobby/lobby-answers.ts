import { MessageText, Nickname, type OpenRequests } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { AppError, toAppError } from '../../core/errors.js';
import type { AnswersTo } from '../../realtime/answers.js';
import type { SoriSocket } from '../../realtime/server.js';
import { lobbyId } from '../rooms/room-id.js';
import type { Rooms } from '../rooms/room.service.js';
import { type Dialect, language } from './lobby-emitter.js';

export interface LobbyAnswersDeps {
  rooms: Pick<Rooms, 'enterPlain' | 'leavePlain'>;
  /** Where there are several servers this one listens to the lobby while somebody is in it here; else there is nothing to wait for. */
  listening: { attended: (userId: string) => Promise<void> | undefined; left: (userId: string) => void };
  /** Writes to the lobby's log, under the rules that hold for everybody. */
  send: (caller: Caller, to: { to: string; message: string; attachments: [] }) => Promise<unknown>;
  report: (bug: unknown) => void;
}

/** What a client of this namespace has said of itself. */
export interface Plain {
  userId: string;
  address: string;
  /** Set with its first word: a second name is refused, also while the first is looked at. */
  named: boolean;
  name: string | undefined;
}

export interface PlainSocket {
  socket: SoriSocket;
  plain: Plain;
}

/** What plain clients say, and who of them is in the lobby. */
export function createLobbyAnswers({ rooms, listening, send, report }: LobbyAnswersDeps) {
  const sockets = new Map<string, SoriSocket>();
  const leaving = new Set<Promise<void>>();

  function goOut(userId: string): void {
    listening.left(userId);
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
      const heard = listening.attended(userId);
      if (heard) await heard;
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
      listening.left(userId);
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

  return {
    answers,

    /** The socket of somebody who has come in. */
    socketOf: (userId: string): SoriSocket | undefined => sockets.get(userId),

    disconnected: ({ userId, name }: Plain): void => {
      sockets.delete(userId);
      if (name !== undefined) goOut(userId);
    },

    /** Resolved once everybody whose socket was closed has left. */
    allLeft: async (): Promise<void> => {
      await Promise.all(leaving);
    },
  };
}
