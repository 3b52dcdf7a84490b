import type { Id } from '@sori/contract';
import type { Target } from '../conversations/target';

/** `tooLong`: over `limits.messageMax` code points after trimming. Only `queued` empties the draft. */
export type SendOutcome = 'queued' | 'empty' | 'tooLong';

export type Send = {
  /**
   * Sends the draft as it is now, not as it was at the last render, and empties it in the same step: a double click or
   * a repeating Enter key finds nothing more to send.
   */
  sendDraft: () => SendOutcome;
  send: (text: string, replyTo?: Id) => SendOutcome;
  /** Tries a failed message again, with the same `clientId`: pressed five times, it is sent once. */
  retry: (clientId: string) => void;
  /** Takes a failed message away. */
  discard: (clientId: string) => void;
};

/** Sending there. The bubble is in the thread when `send` returns. */
export function useSend(_target: Target): Send {
  return {
    sendDraft: () => 'empty',
    send: () => 'empty',
    retry: () => undefined,
    discard: () => undefined,
  };
}
