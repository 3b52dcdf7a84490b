import type { Id } from '@sori/contract';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useClient } from '../../socket/SocketContext';
import { conversationIdOf } from '../../store/state';
import { useAppStore } from '../../store/useAppStore';
import type { Target } from '../conversations/target';

export type Reading = {
  /** Tell the highest seq of which a row is on screen, whenever that changes (Virtuoso's `rangeChanged`). */
  onScreen: (lastSeq: number) => void;
};

/**
 * Marks as read what a person really can see: the conversation is open (this hook is mounted), the window is focused
 * and visible, and the message is on screen.
 */
export function useReading(target: Target): Reading {
  const { store, account } = useClient();
  const conversationId = useAppStore((state) => conversationIdOf(state, target));
  const attention = useAppStore((state) => state.attention);
  const known = useAppStore(
    (state) => conversationId !== null && state.conversations[conversationId] !== undefined,
  );
  const [lastSeq, setLastSeq] = useState<{ conversationId: Id; seq: number } | null>(null);

  // Also what is on screen already when the focus comes back, or when the conversation becomes known.
  useEffect(() => {
    if (attention && known && conversationId !== null && lastSeq?.conversationId === conversationId)
      account()?.readings.seen(conversationId, lastSeq.seq);
  }, [account, attention, known, conversationId, lastSeq]);

  const onScreen = useCallback(
    (seq: number) => {
      if (conversationId === null) return;
      setLastSeq((before) =>
        before?.conversationId === conversationId && before.seq === seq ? before : { conversationId, seq },
      );
      // Not at the next render only: the badge goes in the same moment.
      if (store.getState().attention) account()?.readings.seen(conversationId, seq);
    },
    [store, account, conversationId],
  );
  return useMemo(() => ({ onScreen }), [onScreen]);
}
