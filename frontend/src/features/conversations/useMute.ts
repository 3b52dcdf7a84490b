import type { MuteBody } from '@sori/contract';
import { useMemo } from 'react';
import { useClient } from '../../session/SocketContext';
import { conversationIdOf } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { isMuted } from '../../account/notifications/notificationRules';
import { useNow } from '../time/useNow';
import type { Target } from './target';

export type Mute = {
  muted: boolean;
  /** ISO time; null where it is not muted now. */
  until: string | null;
  /** On all of this person's devices. Both throw an `ApiError`. */
  mute: (mute: MuteBody) => Promise<void>;
  unmute: () => Promise<void>;
};

/** Far enough for "until I say otherwise", and a time that every calendar can write. */
export const forGood = '9999-12-31T00:00:00.000Z';

export function useMute(target: Target): Mute {
  const { store, api } = useClient();
  const now = useNow().getTime();
  const conversationId = useAppStore((state) => conversationIdOf(state, target));
  const mutedUntil = useAppStore(
    (state) => state.conversations[conversationId ?? '']?.conversation.mutedUntil ?? null,
  );
  const ways = useMemo(() => {
    const set = async (mute: MuteBody) => {
      if (conversationId === null) return;
      store.getState().conversationsReceived([await api.mute(conversationId, mute)]);
    };
    return { mute: set, unmute: () => set({ until: null }) };
  }, [store, api, conversationId]);
  const muted = isMuted({ mutedUntil }, now);
  return { muted, until: muted ? mutedUntil : null, ...ways };
}
