import { type ApiError, toApiError } from '@sori/client';
import type { Id } from '@sori/contract';
import { useCallback, useEffect, useState } from 'react';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';

export type DirectLookup = {
  /** Certain: there is no conversation with that person yet. */
  isNone: boolean;
  error: ApiError | null;
  again: () => void;
};

/**
 * Whether there is a conversation with that person that this page does not know yet. Where there is one, it comes into
 * the store. `null` asks nothing.
 */
export function useDirectLookup(userId: Id | null): DirectLookup {
  const { api, account } = useClient();
  const connection = useAppStore((state) => state.connection);
  // With the whole list here, what is not in it does not exist.
  const isListWhole = useAppStore(({ list }) => list.state === 'ready' && list.next === null && !list.kept);
  const [outcome, setOutcome] = useState<{ userId: Id; error: ApiError | null } | null>(null);
  const [tries, setTries] = useState(0);
  const asks = userId !== null && !isListWhole;

  useEffect(() => {
    if (userId === null || !asks) return undefined;
    const given = new AbortController();
    const look = async () => {
      try {
        const { messages } = await api.history(userId, {}, given.signal, 1);
        const conversationId = messages[0]?.conversationId;
        if (conversationId !== undefined) await account()?.list.describe(conversationId);
        else if (!given.signal.aborted) setOutcome({ userId, error: null });
      } catch (thrown) {
        if (!given.signal.aborted) setOutcome({ userId, error: toApiError(thrown) });
      }
    };
    void look();
    return () => given.abort();
    // Asked again when the connection comes back.
  }, [api, account, userId, asks, tries, connection]);

  const again = useCallback(() => setTries((count) => count + 1), []);
  const known = outcome !== null && outcome.userId === userId ? outcome : null;
  return {
    isNone: userId !== null && (isListWhole || known?.error === null),
    error: isListWhole ? null : (known?.error ?? null),
    again,
  };
}
