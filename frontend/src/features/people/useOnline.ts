import type { Id } from '@sori/contract';

/** Whether that person is online now. While this page itself is offline nobody is known to be. */
export function useOnline(_userId: Id | null): boolean {
  return false;
}
