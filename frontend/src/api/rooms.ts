import { anything, type Http, listOf } from '@sori/client';
import { EnteredRoom, Room, RoomPerson, type EnterRoom, type Id, type Language } from '@sori/contract';

const RoomPeople = listOf(RoomPerson);

/** What `POST /api/rooms` takes. Without a slug, the server makes one. */
export type RoomForm = {
  name: string;
  slug?: string;
  language: Language;
  slowModeSeconds: number;
  retentionHours: number;
};

const roomPath = (slug: string): string => `/api/rooms/${encodeURIComponent(slug)}`;

/** The calls about open rooms. */
export const roomCalls = (http: Http) => ({
  /** Says who the caller is in there (`me`) where they have entered. */
  room: async (slug: string, signal?: AbortSignal): Promise<Room> =>
    (await http({ path: roomPath(slug), answer: Room, signal })).data,

  /** Who has entered already stays who they are; a nickname gives a guest another name. */
  enterRoom: async (slug: string, wish: EnterRoom): Promise<EnteredRoom> =>
    (
      await http({
        method: 'POST',
        path: `${roomPath(slug)}/enter`,
        body: wish,
        answer: EnteredRoom,
      })
    ).data,

  roomHere: async (slug: string, signal?: AbortSignal): Promise<RoomPerson[]> =>
    (await http({ path: `${roomPath(slug)}/here`, answer: RoomPeople, signal })).data,

  leaveRoom: async (slug: string): Promise<void> => {
    await http({ method: 'POST', path: `${roomPath(slug)}/leave`, body: {}, answer: anything });
  },

  /** For its owner and administrators. */
  deleteRoom: async (slug: string): Promise<void> => {
    await http({ method: 'DELETE', path: roomPath(slug), answer: anything });
  },

  kickFromRoom: async (slug: string, userId: Id): Promise<void> => {
    await http({ method: 'POST', path: `${roomPath(slug)}/kick`, body: { userId }, answer: anything });
  },

  banFromRoom: async (slug: string, userId: Id): Promise<void> => {
    await http({ method: 'POST', path: `${roomPath(slug)}/ban`, body: { userId }, answer: anything });
  },

  createRoom: async (room: RoomForm): Promise<Room> =>
    (await http({ method: 'POST', path: '/api/rooms', body: room, answer: Room })).data,
});
