import { useCallback } from 'react';
import { useClient } from '../../session/SocketContext';
import { conversationIdOf } from '../../store/state';
import type { Target } from './target';

/**
 * Marks as unread, from the message at that seq on (the newest one without it), on all of this person's devices; nobody
 * else hears of it. Reading there, or writing, ends it. Throws an `ApiError`.
 */
export function useMarkUnread(target: Target): (seq?: number) => Promise<void> {
  const { store, api, account } = useClient();
  return useCallback(
    async (seq) => {
      const id = conversationIdOf(store.getState(), target);
      const from = seq ?? store.getState().conversations[id ?? '']?.conversation.lastMessage?.seq;
      if (id === null || from === undefined) return;
      account()?.readings.forget(id);
      const marked = await api.markUnread(id, from);
      store.getState().conversationsReceived([marked]);
    },
    [store, api, account, target],
  );
}
