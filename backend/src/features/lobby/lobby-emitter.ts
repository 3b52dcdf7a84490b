import type { Language, OpenChat, OpenUpdate } from '@sori/contract';
import type { SocketServer } from '../../realtime/server.js';
import type { OccupancyChange } from '../rooms/occupancy-changes.js';

/** The two ways of speaking, each the name of the Socket.IO room of those who do. Who has no name yet is in neither. */
export type Dialect = 'update' | 'server-client-chat';
type Kind = OpenUpdate['type'];

/** What the lobby says by itself is in this language. */
export const language: Language = 'ko';
type Words = Record<'connect' | 'disconnect', (who: string) => string>;
const notices: Record<Language, Words> = {
  ko: { connect: (name) => `${name}님이 입장했습니다.`, disconnect: (name) => `${name}님이 나갔습니다.` },
  en: { connect: (name) => `${name} joined.`, disconnect: (name) => `${name} left.` },
};
const counts: Record<Language, Words> = {
  ko: { connect: (count) => `${count}명이 입장했습니다.`, disconnect: (count) => `${count}명이 나갔습니다.` },
  en: { connect: (count) => `${count} joined.`, disconnect: (count) => `${count} left.` },
};

interface RawEmitter {
  emit(name: string, notice: unknown): unknown;
}

/** Emits to all who speak in the lobby, in the way that each of them does. */
export function createLobbyEmitter(space: ReturnType<SocketServer['of']>) {
  /** @param except the socket that is not to receive it in the first dialect */
  function emit(type: Kind, name: string, message: string, except?: string): void {
    const update: OpenUpdate = { type, name, message };
    (space.to('update').except(except ?? []) as RawEmitter).emit('update', update);
    const chat: OpenChat = { type: type === 'message' ? 'chat' : 'notice', userName: name, message };
    (space.to('server-client-chat') as RawEmitter).emit('server-client-chat', chat);
  }

  return {
    /** A message, not to who sent it in the first dialect: their socket is `own`. */
    message: (name: string, message: string, own: string | undefined): void =>
      emit('message', name, message, own),

    /** Who came and who left: by name, or of a crowd how many. */
    occupancy({ joined, left, passed }: OccupancyChange): void {
      const isCrowd = passed !== undefined;
      for (const [type, people] of [
        ['connect', joined],
        ['disconnect', left],
      ] as const) {
        if (!isCrowd) for (const { name } of people) emit(type, name, notices[language][type](name));
        else if (people.length > 0) emit(type, '', counts[language][type](String(people.length)));
      }
    },
  };
}
