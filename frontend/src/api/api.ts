import { anything, createHttp, type Http, listOf } from '@sori/client';
import {
  AdminPerson,
  AuditEntry,
  Bootstrap,
  Conversation,
  EnteredRoom,
  EntriesPage,
  Member,
  Message,
  Person,
  Report,
  Room,
  RoomPerson,
  Settings,
  limits,
  type ChangeGroup,
  type DraftBody,
  type EnterRoom,
  type Id,
  type Language,
  type Login,
  type MuteBody,
  type ReportAction,
  type ReportBody,
  type Role,
  type SettingsChange,
  type Signup,
} from '@sori/contract';
import { serverTime } from '../device/serverTime';

const People = listOf(Person);
const Messages = listOf(Message);
const Conversations = listOf(Conversation);
const Members = listOf(Member);
const RoomPeople = listOf(RoomPerson);
const Reports = listOf(Report);
const AdminPeople = listOf(AdminPerson);
const Audit = listOf(AuditEntry);

/** A stretch of history, oldest first. */
export type HistoryPage = { messages: Message[]; hasOlder: boolean; hasNewer: boolean };
export type HistoryBound =
  { before: number } | { after: number } | { around: number } | Record<string, never>;

/** What `POST /api/rooms` takes. Without a slug, the server makes one. */
export type RoomForm = {
  name: string;
  slug?: string;
  language: Language;
  slowModeSeconds: number;
  retentionHours: number;
};

const roomPath = (slug: string): string => `/api/rooms/${encodeURIComponent(slug)}`;

export type Api = ReturnType<typeof createApi>;

/** The REST calls that the page makes. Every one throws an `ApiError` and nothing else. */
export const createApi = (
  http: Http = createHttp(serverTime.listening((...given) => globalThis.fetch(...given))),
) => ({
  signUp: async (form: Signup): Promise<Person> =>
    (await http({ method: 'POST', path: '/api/auth/signup', body: form, answer: Person })).data,

  logIn: async (form: Login): Promise<Person> =>
    (await http({ method: 'POST', path: '/api/auth/login', body: form, answer: Person })).data,

  logOut: async (): Promise<void> => {
    await http({ method: 'POST', path: '/api/auth/logout', body: {}, answer: anything });
  },

  me: async (signal?: AbortSignal): Promise<Person> =>
    (await http({ path: '/api/auth/me', answer: Person, signal })).data,

  /** Who is signed in, and all else that a page needs to begin. `next` is the `before` of the list's next page. */
  /** With the `asOf` of an earlier answer as `since`, it also says what of one's own changed after that. */
  bootstrap: async (
    query: { limit?: number | undefined; since?: string | undefined },
    signal?: AbortSignal,
  ): Promise<Bootstrap> => (await http({ path: '/api/bootstrap', query, answer: Bootstrap, signal })).data,

  people: async (
    query: { search: string; after?: Id | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Person[]> => (await http({ path: '/api/users', query, answer: People, signal })).data,

  /** A hundred at most. Those who do not exist are missing from the answer. */
  peopleByIds: async (ids: readonly Id[], signal?: AbortSignal): Promise<Person[]> =>
    (await http({ path: '/api/users', query: { ids: ids.join() }, answer: People, signal })).data,

  person: async (id: Id, signal?: AbortSignal): Promise<Person> =>
    (await http({ path: `/api/users/${id}`, answer: Person, signal })).data,

  /** `before` comes from the page before, and is opaque. `next` is null at the end. */
  conversations: async (
    query: { limit?: number; before?: string | undefined },
    signal?: AbortSignal,
  ): Promise<{ conversations: Conversation[]; next: string | null }> => {
    const { data, links } = await http({ path: '/api/conversations', query, answer: Conversations, signal });
    const next = links.get('next');
    return {
      conversations: data,
      next: next === undefined ? null : new URL(next, 'http://page').searchParams.get('before'),
    };
  },

  conversation: async (id: Id, signal?: AbortSignal): Promise<Conversation> =>
    (await http({ path: `/api/conversations/${id}`, answer: Conversation, signal })).data,

  /** Private: changes the badge on one's own devices and nothing else. */
  markUnread: async (id: Id, seq: number): Promise<Conversation> =>
    (
      await http({
        method: 'PUT',
        path: `/api/conversations/${id}/unread`,
        body: { seq },
        answer: Conversation,
      })
    ).data,

  /** Answers the draft that counts: that one, or a later one from another device. */
  saveDraft: async (id: Id, draft: DraftBody): Promise<Conversation> =>
    (
      await http({
        method: 'PUT',
        path: `/api/conversations/${id}/draft`,
        body: draft,
        answer: Conversation,
      })
    ).data,

  mute: async (id: Id, mute: MuteBody): Promise<Conversation> =>
    (
      await http({
        method: 'PUT',
        path: `/api/conversations/${id}/mute`,
        body: mute,
        answer: Conversation,
      })
    ).data,

  readAll: async (): Promise<void> => {
    await http({ method: 'POST', path: '/api/conversations/read-all', body: {}, answer: anything });
  },

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

  /** On all of this person's devices, at once. */
  block: async (userId: Id): Promise<void> => {
    await http({ method: 'PUT', path: `/api/users/${userId}/block`, body: {}, answer: anything });
  },

  unblock: async (userId: Id): Promise<void> => {
    await http({ method: 'DELETE', path: `/api/users/${userId}/block`, answer: anything });
  },

  blocks: async (signal?: AbortSignal): Promise<Person[]> =>
    (await http({ path: '/api/me/blocks', answer: People, signal })).data,

  becomeAdmin: async (code: string): Promise<void> => {
    await http({ method: 'POST', path: '/api/me/admin', body: { code }, answer: anything });
  },

  /** Those that wait, the oldest first. This and the rest is for admins; for others it does not exist. */
  reports: async (page: { limit: number; after?: Id | undefined }, signal?: AbortSignal): Promise<Report[]> =>
    (await http({ path: '/api/admin/reports', query: page, answer: Reports, signal })).data,

  resolveReport: async (id: Id, action: ReportAction): Promise<void> => {
    await http({
      method: 'POST',
      path: `/api/admin/reports/${id}/resolve`,
      body: { action },
      answer: anything,
    });
  },

  suspended: async (
    page: { limit: number; after?: Id | undefined },
    signal?: AbortSignal,
  ): Promise<AdminPerson[]> =>
    (await http({ path: '/api/admin/suspensions', query: page, answer: AdminPeople, signal })).data,

  liftSuspension: async (userId: Id): Promise<void> => {
    await http({ method: 'DELETE', path: `/api/admin/users/${userId}/suspension`, answer: anything });
  },

  audit: async (
    page: { limit: number; before?: Id | undefined },
    signal?: AbortSignal,
  ): Promise<AuditEntry[]> =>
    (await http({ path: '/api/admin/audit', query: page, answer: Audit, signal })).data,

  report: async (report: ReportBody): Promise<void> => {
    await http({ method: 'POST', path: '/api/reports', body: report, answer: anything });
  },

  createRoom: async (room: RoomForm): Promise<Room> =>
    (await http({ method: 'POST', path: '/api/rooms', body: room, answer: Room })).data,

  changeSettings: async (change: SettingsChange): Promise<Settings> =>
    (await http({ method: 'PATCH', path: '/api/me/settings', body: change, answer: Settings })).data,

  /** The same `clientId` again makes no second group. */
  createGroup: async (group: { name: string; memberIds: Id[]; clientId: string }): Promise<Conversation> =>
    (await http({ method: 'POST', path: '/api/conversations', body: group, answer: Conversation })).data,

  changeGroup: async (id: Id, change: ChangeGroup): Promise<Conversation> =>
    (await http({ method: 'PATCH', path: `/api/conversations/${id}`, body: change, answer: Conversation }))
      .data,

  /** Longest-standing first, or those whom the search finds. */
  members: async (
    id: Id,
    query: { search?: string; after?: Id | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Member[]> =>
    (await http({ path: `/api/conversations/${id}/members`, query, answer: Members, signal })).data,

  addMembers: async (id: Id, userIds: Id[]): Promise<Conversation> =>
    (
      await http({
        method: 'POST',
        path: `/api/conversations/${id}/members`,
        body: { userIds },
        answer: Conversation,
      })
    ).data,

  removeMember: async (id: Id, userId: Id): Promise<void> => {
    await http({ method: 'DELETE', path: `/api/conversations/${id}/members/${userId}`, answer: anything });
  },

  changeRole: async (id: Id, userId: Id, role: Role): Promise<void> => {
    await http({
      method: 'PATCH',
      path: `/api/conversations/${id}/members/${userId}`,
      body: { role },
      answer: anything,
    });
  },

  /** For who left by themselves. */
  rejoinGroup: async (id: Id): Promise<Conversation> =>
    (
      await http({
        method: 'POST',
        path: `/api/conversations/${id}/members/me`,
        body: {},
        answer: Conversation,
      })
    ).data,

  leaveGroup: async (id: Id): Promise<void> => {
    await http({ method: 'POST', path: `/api/conversations/${id}/leave`, body: {}, answer: anything });
  },

  /** The log beyond that seq, as many entries as the server gives at once, each changed message in the last one about it. */
  entries: async (id: Id, after: number, signal?: AbortSignal): Promise<EntriesPage> =>
    (
      await http({
        path: `/api/conversations/${id}/entries`,
        query: { after, limit: limits.entriesMax, targets: 'once' },
        answer: EntriesPage,
        signal,
      })
    ).data,

  /** `id` is a conversation's, or the other person's: then nothing is made, and there may be nothing. */
  history: async (
    id: Id,
    bound: HistoryBound,
    signal?: AbortSignal,
    limit?: number,
  ): Promise<HistoryPage> => {
    const { data, links } = await http({
      path: `/api/messages/${id}`,
      query: { ...bound, limit },
      answer: Messages,
      signal,
    });
    return { messages: data, hasOlder: links.has('prev'), hasNewer: links.has('next') };
  },
});
