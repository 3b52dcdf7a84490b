import type { Id, Message } from '@sori/contract';
import { useEffect } from 'react';
import { useClient } from '../../session/SocketContext';
import { conversationIdOf } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import type { Target } from '../conversations/target';

export type Quote =
  /** As it is now: it may have been edited, or deleted (`deletedAt`) since. */
  | { state: 'ready'; message: Message }
  /** `missing`: not to be had, for good or without a connection. */
  | { state: 'none' | 'loading' | 'missing'; message: null };

/** The message that is quoted (`ThreadRow.replyTo`, `DraftState.replyTo`), wherever in the history it is. Null: none. */
export function useQuote(target: Target, messageId: Id | null): Quote {
  const { account } = useClient();
  const conversationId = useAppStore((state) => conversationIdOf(state, target));
  const held = useAppStore((state) =>
    messageId === null
      ? undefined
      : (state.windows[conversationId ?? '']?.messages.find(({ _id }) => _id === messageId) ??
        state.quoted[messageId]),
  );
  const connection = useAppStore((state) => state.connection);
  const isUnknown = held === undefined;

  useEffect(() => {
    if (messageId === null || conversationId === null || !isUnknown || connection !== 'online') return;
    // The row says that it is missing; the next connection asks again.
    account()
      ?.quotes.find(conversationId, messageId)
      .catch(() => undefined);
  }, [account, conversationId, messageId, isUnknown, connection]);

  if (messageId === null) return { state: 'none', message: null };
  if (held === null || (held === undefined && connection !== 'online'))
    return { state: 'missing', message: null };
  return held === undefined ? { state: 'loading', message: null } : { state: 'ready', message: held };
}
