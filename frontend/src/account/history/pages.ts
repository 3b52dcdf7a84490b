import { type Notice, noticesIn, peopleIn } from '@sori/client';
import { limits, type Conversation, type Id } from '@sori/contract';
import type { Api } from '../../api/api';
import type { HistoryBound, HistoryPage } from '../../api/conversations';
import type { Store } from '../../store/state';
import type { WindowPage } from '../../store/window';

/** A page of history, complete as a window wants it. Throws an ApiError. */
export type FetchPage = (
  conversationId: Id,
  bound: HistoryBound,
  signal?: AbortSignal,
) => Promise<WindowPage>;

type Deps = {
  store: Store;
  api: Pick<Api, 'history' | 'entries' | 'peopleByIds'>;
  /** It may have logged what this page does not know: also where all else that is logged are messages. */
  isServerNewer: () => boolean;
};

const spanOf = (
  { firstSeq }: Conversation,
  bound: HistoryBound,
  { messages, hasOlder, hasNewer }: HistoryPage,
): { from: number; to: number } => {
  const first = hasOlder ? (messages[0]?.seq ?? firstSeq) : firstSeq;
  const last = hasNewer ? (messages.at(-1)?.seq ?? 0) : Number.POSITIVE_INFINITY;
  return {
    from: 'after' in bound ? bound.after + 1 : first,
    to: 'before' in bound ? bound.before - 1 : last,
  };
};

/**
 * History is told in messages; who came and went in a group stands between them in the log, and what those are called who
 * wrote is told by itself. All of it comes together, since what appeared later would move what somebody reads.
 */
export const createPages = ({ store, api, isServerNewer }: Deps): FetchPage => {
  const noticesOf = async (
    conversationId: Id,
    { from, to }: { from: number; to: number },
    signal?: AbortSignal,
  ): Promise<Notice[]> => {
    const notices: Notice[] = [];
    for (let after = Math.max(0, from - 1); after < to;) {
      const { entries, next, more, reset } = await api.entries(conversationId, after, signal);
      notices.push(...noticesIn(entries).filter(({ seq }) => seq <= to));
      // What was swept meanwhile is not missed by anybody.
      if (reset === true || !more || next <= after) break;
      after = next;
    }
    return notices;
  };

  const meet = async (userIds: readonly Id[], signal?: AbortSignal): Promise<void> => {
    const { people } = store.getState();
    const unknown = [...new Set(userIds)].filter((userId) => people[userId] === undefined);
    if (unknown.length === 0) return;
    try {
      store.getState().peopleReceived(await api.peopleByIds(unknown.slice(0, limits.pageMax), signal));
    } catch {
      // What was said is worth showing without the names too: they are asked for again where they are missing.
    }
  };

  return async (conversationId, bound, signal) => {
    const page = await api.history(conversationId, bound, signal);
    const conversation = store.getState().conversations[conversationId]?.conversation;
    if (conversation === undefined || (conversation.kind !== 'group' && !isServerNewer())) return page;
    const notices = await noticesOf(conversationId, spanOf(conversation, bound, page), signal);
    await meet([...page.messages.map(({ senderId }) => senderId), ...peopleIn(notices)], signal);
    return { ...page, notices };
  };
};
