import { createClientId } from '@sori/client';
import { codePoints, limits, type Id } from '@sori/contract';
import { useMemo } from 'react';
import { useClient } from '../../session/SocketContext';
import { keyOf } from '../../store/state';
import type { ChosenFile } from '../../store/uploads';
import { useAppStore } from '../../session/useAppStore';
import type { Target } from '../conversations/target';

/** `tooLong`: over `limits.messageMax` code points after trimming. Only `queued` empties the draft. */
export type SendOutcome = 'queued' | 'empty' | 'tooLong';

export type Send = {
  /**
   * Sends the draft as it is now, not as it was at the last render, and empties it in the same step: a double click or
   * a repeating Enter key finds nothing more to send.
   */
  sendDraft: () => SendOutcome;
  /** Words, files, or both. */
  send: (text: string, replyTo?: Id, files?: readonly ChosenFile[]) => SendOutcome;
  /** Tries a failed message again, with the same `clientId`: pressed five times, it is sent once. */
  retry: (clientId: string) => void;
  /** Takes a failed message away. */
  discard: (clientId: string) => void;
};

/** Sending there. The bubble is in the thread when `send` returns. */
export function useSend(target: Target): Send {
  const { store, account, clock } = useClient();
  const key = useAppStore((state) => keyOf(state, target));
  return useMemo(() => {
    const send: Send['send'] = (text, replyTo, files = []) => {
      const trimmed = text.trim();
      if (trimmed === '' && files.length === 0) return 'empty';
      if (codePoints(trimmed) > limits.messageMax) return 'tooLong';
      // Before the message is there: whoever sends it looks for them at once.
      if (files.length > 0) account()?.uploads.take(files);
      store.getState().messageWritten({
        clientId: createClientId(),
        to: key,
        lane: key,
        text: trimmed,
        replyTo,
        ...(files.length > 0 && { files: files.map(({ blob: _bytes, ...file }) => file) }),
        queuedAt: new Date(clock.server.now()).toISOString(),
      });
      // Whoever writes wants to see it: a stretch from the middle of the history gives way to the end, and so does one
      // that has yet to come.
      const window = store.getState().windows[key];
      if (window !== undefined && (!window.loaded || window.hasNewer)) account()?.history.toEnd(key);
      return 'queued';
    };
    return {
      send,
      sendDraft: () => {
        const { drafts, chosen } = store.getState();
        return send(drafts[key]?.text ?? '', drafts[key]?.replyTo ?? undefined, chosen[key]);
      },
      retry: (clientId) => store.getState().messageRetried(clientId),
      discard: (clientId) => store.getState().messageDiscarded(clientId),
    };
  }, [store, account, clock, key]);
}
