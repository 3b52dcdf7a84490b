import type { ApiError } from '@sori/client';
import type { Conversation, Id } from '@sori/contract';
import { useCallback, useMemo } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useClient } from '../../session/SocketContext';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { roomName } from './roomName';
import { useNow } from '../time/useNow';
import { conversationRow, conversationRows, type ConversationRow, type RowSources } from './conversationRows';

export type Conversations = {
  /** Where something is on its way first, then the latest activity first. */
  rows: readonly ConversationRow[];
  state: 'loading' | 'ready' | 'failed';
  error: ApiError | null;
  hasMore: boolean;
  /** The next page, or the same again after a failure. The client also fetches them by itself, one after the other. */
  loadMore: () => void;
};

/** The list of conversations as it is to be shown. */
export function useConversations(): Conversations {
  const { account } = useClient();
  const held = useAppStore((state) => state.conversations);
  const list = useAppStore((state) => state.list);
  const sources = useSources();
  const rows = useMemo(() => conversationRows(held, sources), [held, sources]);
  const loadMore = useCallback(() => account()?.list.loadMore(), [account]);
  return { rows, state: list.state, error: list.error, hasMore: list.next !== null, loadMore };
}

/** One row of it, or null where the conversation is not known (yet). */
export function useConversation(id: Id | null): ConversationRow | null {
  const held = useAppStore((state) => (id === null ? undefined : state.conversations[id]));
  const sources = useSources();
  return useMemo(() => (held === undefined ? null : conversationRow(held, sources)), [held, sources]);
}

const useSources = (): RowSources => {
  const outbox = useAppStore((state) => state.outbox);
  const drafts = useAppStore((state) => state.drafts);
  const { t, language } = useTranslation();
  const people = useAppStore((state) => state.people);
  const blocked = useAppStore((state) => state.blocked);
  const me = useAppStore(myId);
  // To the minute: a timed mute ends by itself, and the times in the rows become "yesterday" at midnight.
  const now = useNow().getTime();
  return useMemo(
    () => ({
      outbox,
      drafts,
      people,
      blocked,
      me,
      now,
      nameOf: (conversation: Conversation) => roomName(t, conversation),
      folded: t('block.folded'),
      language,
    }),
    [t, language, outbox, drafts, people, blocked, me, now],
  );
};
