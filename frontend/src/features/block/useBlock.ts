import type { Id } from '@sori/contract';
import { useCallback } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { toast } from 'sonner';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';

export type Block = {
  isBlocked: boolean;
  /** Both take effect everywhere, say so, and throw an `ApiError`. */
  block: () => Promise<void>;
  unblock: () => Promise<void>;
};

/** Whether this person blocks somebody, and the ways to do so and to stop. */
export function useBlock(person: { _id: Id; name: string } | null): Block {
  const { t } = useTranslation();
  const { api, store } = useClient();
  const userId = person?._id ?? '';
  const name = person?.name ?? '';
  const isBlocked = useAppStore((state) => state.blocked.has(userId));
  const block = useCallback(async () => {
    await api.block(userId);
    store.getState().blockReceived({ userId, blocked: true });
    toast(t('block.blocked', { name }));
  }, [api, store, t, userId, name]);
  const unblock = useCallback(async () => {
    await api.unblock(userId);
    store.getState().blockReceived({ userId, blocked: false });
    toast(t('block.unblocked', { name }));
  }, [api, store, t, userId, name]);
  return { isBlocked, block, unblock };
}
