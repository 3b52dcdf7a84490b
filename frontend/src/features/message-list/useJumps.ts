import type { Id } from '@sori/contract';
import { useMemo, useState } from 'react';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';
import type { ThreadRow } from '../messages/threadRow';

export type Jumps = {
  /**
   * The message that was jumped to, once its row is there: scroll to it and let it light up. Another object for each
   * jump, so that the second one to the same message is one too.
   */
  marked: { readonly seq: number } | null;
  /** To the message at that seq, or the next one after it: as it is loaded, or with the messages around it. */
  goTo: (seq: number) => void;
  /** To a message that is quoted. False where there is no such message. Throws an `ApiError`. */
  goToMessage: (messageId: Id) => Promise<boolean>;
  /** Where "unread from here" stands, or null; it may lie above what is loaded. */
  firstUnread: number | null;
  goToFirstUnread: () => void;
};

/** The ways to a certain message of the history. */
export function useJumps(conversationId: Id | null, rows: readonly ThreadRow[]): Jumps {
  const { account, store } = useClient();
  const [goal, setGoal] = useState<{ conversationId: Id; seq: number } | null>(null);
  const dividerAfter = useAppStore((state) => state.dividers[conversationId ?? ''] ?? null);
  const isLoading = useAppStore((state) => state.windows[conversationId ?? '']?.loading.replace === true);

  const reached =
    goal === null || goal.conversationId !== conversationId || isLoading
      ? null
      : (rows.find(({ seq }) => seq !== null && seq >= goal.seq)?.seq ?? null);
  // Once for each jump: when other rows take the place of these, the jump is over and not to be repeated.
  const [arrived, setArrived] = useState<{ goal: typeof goal; seq: number } | null>(null);
  if (reached !== null && arrived?.goal !== goal) setArrived({ goal, seq: reached });
  const marked = goal !== null && arrived?.goal === goal ? arrived : null;

  const ways = useMemo(() => {
    const goTo = (seq: number) => {
      if (conversationId === null) return;
      const window = store.getState().windows[conversationId];
      const [first, last] = [window?.messages[0], window?.messages.at(-1)];
      const isHeld =
        first !== undefined &&
        last !== undefined &&
        (first.seq <= seq || window?.hasOlder === false) &&
        (last.seq >= seq || window?.hasNewer === false);
      if (!isHeld) account()?.history.show(conversationId, seq);
      setGoal({ conversationId, seq });
    };
    return {
      goTo,
      goToMessage: async (messageId: Id) => {
        if (conversationId === null) return false;
        const message = (await account()?.quotes.find(conversationId, messageId)) ?? null;
        if (message !== null) goTo(message.seq);
        return message !== null;
      },
    };
  }, [account, store, conversationId]);

  const firstUnread = dividerAfter === null ? null : dividerAfter + 1;
  return {
    marked,
    ...ways,
    firstUnread,
    goToFirstUnread: () => {
      if (firstUnread !== null) ways.goTo(firstUnread);
    },
  };
}
