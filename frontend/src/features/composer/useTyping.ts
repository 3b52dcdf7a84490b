import type { Id, Person } from '@sori/contract';
import { useEffect, useMemo } from 'react';
import { useClient } from '../../session/SocketContext';
import { conversationIdOf } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import type { Target } from '../conversations/target';

export type TypingState = {
  /** Who is writing there now, in the order in which they began; never oneself. */
  people: readonly Person[];
  /** Call at every change of the text by this person. The others are told at most once per 3 s. */
  iAmTyping: () => void;
  /** Call where the text was emptied by hand. Leaving the conversation, and sending, say it by themselves. */
  iStopped: () => void;
};

const nobody: readonly Id[] = [];

/** Who is writing there: it ends with what they say, and 6 s after they were last heard of. */
export function useTyping(target: Target): TypingState {
  const { account } = useClient();
  const conversationId = useAppStore((state) => conversationIdOf(state, target));
  const userIds = useAppStore((state) =>
    conversationId === null ? nobody : (state.typing[conversationId] ?? nobody),
  );
  const known = useAppStore((state) => state.people);
  const people = useMemo(
    () => userIds.flatMap((userId) => (known[userId] === undefined ? [] : [known[userId]])),
    [userIds, known],
  );
  const ways = useMemo(
    () => ({
      iAmTyping: () => {
        if (conversationId !== null) account()?.typings.iAmTyping(conversationId);
      },
      iStopped: () => {
        if (conversationId !== null) account()?.typings.iStopped(conversationId);
      },
    }),
    [account, conversationId],
  );
  const { iStopped } = ways;
  useEffect(() => iStopped, [iStopped]);
  return useMemo(() => ({ people, ...ways }), [people, ways]);
}
