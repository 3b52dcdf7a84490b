import { useAppStore } from '../../session/useAppStore';
import type { ThreadRow } from './threadRow';

/** Whether a visitor without an account wrote that, as far as this page has seen who comes and goes. */
export function useIsGuest({ senderId, message }: ThreadRow): boolean {
  return useAppStore(({ rooms }) => rooms[message?.conversationId ?? '']?.guests.has(senderId) === true);
}
