import {
  Conversation,
  Message,
  Person,
  Settings,
  type DraftBody,
  type Id,
  type Login,
  type SettingsChange,
  type Signup,
} from '@sori/contract';
import { anything, createHttp, listOf, type Http } from './http';

const People = listOf(Person);
const Messages = listOf(Message);
const Conversations = listOf(Conversation);

/** A stretch of history, oldest first. */
export type HistoryPage = { messages: Message[]; hasOlder: boolean; hasNewer: boolean };
export type HistoryBound =
  { before: number } | { after: number } | { around: number } | Record<string, never>;

export type Api = ReturnType<typeof createApi>;

/** The REST calls that the page makes. Every one throws an `ApiError` and nothing else. */
export const createApi = (http: Http = createHttp((...given) => globalThis.fetch(...given))) => ({
  signUp: async (form: Signup): Promise<Person> =>
    (await http({ method: 'POST', path: '/api/auth/signup', body: form, answer: Person })).data,

  logIn: async (form: Login): Promise<Person> =>
    (await http({ method: 'POST', path: '/api/auth/login', body: form, answer: Person })).data,

  logOut: async (): Promise<void> => {
    await http({ method: 'POST', path: '/api/auth/logout', body: {}, answer: anything });
  },

  me: async (signal?: AbortSignal): Promise<Person> =>
    (await http({ path: '/api/auth/me', answer: Person, signal })).data,

  people: async (
    query: { search: string; after?: Id | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Person[]> => (await http({ path: '/api/users', query, answer: People, signal })).data,

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

  /** Null: no longer. */
  mute: async (id: Id, until: string | null): Promise<Conversation> =>
    (
      await http({
        method: 'PUT',
        path: `/api/conversations/${id}/mute`,
        body: { until },
        answer: Conversation,
      })
    ).data,

  readAll: async (): Promise<void> => {
    await http({ method: 'POST', path: '/api/conversations/read-all', body: {}, answer: anything });
  },

  settings: async (): Promise<Settings> => (await http({ path: '/api/me/settings', answer: Settings })).data,

  changeSettings: async (change: SettingsChange): Promise<Settings> =>
    (await http({ method: 'PATCH', path: '/api/me/settings', body: change, answer: Settings })).data,

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
