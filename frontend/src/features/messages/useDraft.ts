import type { Id } from '@sori/contract';
import type { Target } from '../conversations/target';

export type DraftState = {
  text: string;
  replyTo: Id | null;
  /** Takes effect, and is kept on this device, at once: there is no later save that could bring back what was sent. */
  setText: (text: string) => void;
  setReplyTo: (messageId: Id | null) => void;
};

/** What lies in the composer there. */
export function useDraft(_target: Target): DraftState {
  return { text: '', replyTo: null, setText: () => undefined, setReplyTo: () => undefined };
}
