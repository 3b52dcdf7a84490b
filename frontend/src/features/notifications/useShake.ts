import type { Id } from '@sori/contract';
import { useAppStore } from '../../session/useAppStore';

/**
 * The seq of the message whose arrival shakes right now in that conversation, else null. Given until it has shaken, once
 * per message, only for what another person said live in a direct conversation, and never to those who asked their
 * system for less motion.
 */
export function useShake(conversationId: Id | null): number | null {
  return useAppStore(({ shaking }) =>
    shaking !== null && shaking.conversationId === conversationId ? shaking.seq : null,
  );
}
