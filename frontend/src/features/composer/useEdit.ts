import type { Id } from '@sori/contract';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { useClient } from '../../session/SocketContext';
import { keyOf, type Edit } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import type { Target } from '../conversations/target';
import type { ThreadRow } from '../messages/threadRow';

export type EditState = {
  /** What this person is changing there, or null. It outlives the page, as a draft does. */
  edit: Edit | null;
  begin: (row: ThreadRow) => void;
  setText: (text: string) => void;
  /** Goes on from what the message says by now. */
  follow: (said: string) => void;
  /** It was saved, or given up. */
  end: (messageId: Id) => void;
};

/** The edit under way there. */
export function useEdit(target: Target): EditState {
  const { store } = useClient();
  const key = useAppStore((state) => keyOf(state, target));
  // As it is now: what one types is not held back, as in `useDraft`.
  const edit = useStore(store, (state) => state.edits[key]?.at(-1)) ?? null;
  const ways = useMemo(() => {
    const change = (changed: Partial<Edit>) => {
      const { edits, editChanged } = store.getState();
      const current = edits[key]?.at(-1);
      if (current !== undefined) editChanged(key, current.messageId, changed);
    };
    return {
      begin: ({ message, text }: ThreadRow) => {
        if (message !== null) store.getState().editBegan(key, { messageId: message._id, text, before: text });
      },
      setText: (text: string) => change({ text }),
      follow: (said: string) => change({ text: said, before: said }),
      end: (messageId: Id) => store.getState().editEnded(key, messageId),
    };
  }, [store, key]);
  return { edit, ...ways };
}
