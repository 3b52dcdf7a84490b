import { unreadTotal } from '../../notify/badge';
import { useAppStore } from '../../store/useAppStore';
import { useNow } from '../time/useNow';

/** Unread messages in all conversations that are not muted. Title and favicon follow it by themselves. */
export function useUnreadTotal(): number {
  const now = useNow().getTime();
  return useAppStore(({ conversations }) => unreadTotal(conversations, now));
}
