import { anything, type Http, listOf } from '@sori/client';
import {
  Conversation,
  EntriesPage,
  Message,
  limits,
  type DraftBody,
  type Id,
  type MuteBody,
} from '@sori/contract';

const Messages = listOf(Message);
const Conversations = listOf(Conversation);

/** A stretch of history, oldest first. */
export type HistoryPage = { messages: Message[]; hasOlder: boolean; hasNewer: boolean };
export type HistoryBound =
  { before: number } | { after: number } | { around: number } | Record<string, never>;

/** The calls about conversations and what was said there. */
export const conversationCalls = (http: Http) => ({
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
