import type { Id } from '@sori/contract';
import { useAppStore } from '../../session/useAppStore';

/** Whether that person is online now. While this page itself is offline nobody is known to be. */
export function useOnline(userId: Id | null): boolean {
  return useAppStore(
    ({ online, connection }) => userId !== null && connection !== 'offline' && online.has(userId),
  );
}
