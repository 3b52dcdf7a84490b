import type { Id } from '@sori/contract';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { useClient } from '../../session/SocketContext';
import { keyOf, type Draft } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import type { Target } from '../conversations/target';

export type DraftState = {
  text: string;
  replyTo: Id | null;
  /** Takes effect, and is kept on this device, at once: there is no later save that could bring back what was sent. */
  setText: (text: string) => void;
  setReplyTo: (messageId: Id | null) => void;
};

const nothing = { text: '', replyTo: null };

/** What lies in the composer there. */
export function useDraft(target: Target): DraftState {
  const { store } = useClient();
  const key = useAppStore((state) => keyOf(state, target));
  // As it is now, and not as of a moment ago as all else in a storm of news (shown.ts): what one types is no storm, and
  // what was typed and sent within that moment would look as if nothing had happened.
  const draft = useStore(store, (state) => state.drafts[key]) ?? nothing;
  const ways = useMemo(() => {
    const change = (changed: Partial<Draft>) => {
      const { drafts, draftChanged } = store.getState();
      const { text, replyTo } = drafts[key] ?? nothing;
      draftChanged(key, { text, replyTo, ...changed });
    };
    return {
      setText: (text: string) => change({ text }),
      setReplyTo: (replyTo: Id | null) => change({ replyTo }),
    };
  }, [store, key]);
  return { text: draft.text, replyTo: draft.replyTo, ...ways };
}
