import type { Entry, Message } from '@sori/contract';
import type { HeldMessage, View } from './evidence.js';
import { heldOf } from './held.js';
import type { Recorder } from './recorder.js';

type Held = Pick<View, 'fromSeq' | 'cursor'> & { messages: Map<number, HeldMessage> };

export interface ViewsDeps {
  device: string;
  userId: string;
  recorder: Pick<Recorder, 'notice' | 'count'>;
}

/** What one device holds of its conversations: a plain picture of the messages of each. */
export function createViews({ device, userId, recorder }: ViewsDeps) {
  const held = new Map<string, Held>();

  function applyToMessages(known: Held, entry: Entry): void {
    const { seq, conversationId } = entry;
    if (entry.kind === 'message') {
      const { kind: _kind, at: _at, ...message } = entry;
      known.messages.set(seq, heldOf(message));
    } else if (!('targetSeq' in entry)) {
      // It changes no message.
    } else if (!entry.target) {
      const what = `${device} was told no target by seq ${seq} of ${conversationId}`;
      recorder.notice({ rule: 'I6', what });
    } else if (known.messages.has(entry.targetSeq)) {
      known.messages.set(entry.targetSeq, heldOf(entry.target));
    } else if (entry.targetSeq >= known.fromSeq) {
      recorder.notice({
        rule: 'I5',
        what: `${device} was told of a change of seq ${entry.targetSeq} of ${conversationId}, which it never had`,
      });
    }
  }

  return {
    has: (conversationId: string): boolean => held.has(conversationId),
    /** From the beginning of the log. */
    begin: (conversationId: string): void =>
      void held.set(conversationId, { fromSeq: 1, cursor: 0, messages: new Map() }),
    /** From what the server showed of it. */
    beginWith(conversationId: string, headSeq: number, fromSeq: number, history: readonly Message[]): void {
      const messages = new Map(history.map((message) => [message.seq, heldOf(message)]));
      held.set(conversationId, { fromSeq, cursor: headSeq, messages });
    },
    apply(conversationId: string, entry: Entry): void {
      const known = held.get(conversationId);
      if (!known) {
        recorder.notice({
          rule: 'I5',
          what: `${device} applied ${entry.seq} of ${conversationId} to nothing`,
        });
        return;
      }
      if (entry.seq !== known.cursor + 1)
        recorder.notice({
          rule: 'I5',
          what: `${device} applied seq ${entry.seq} of ${conversationId} after ${known.cursor}`,
        });
      known.cursor = entry.seq;
      recorder.count('entries applied');
      applyToMessages(known, entry);
    },
    delete: (conversationId: string): void => void held.delete(conversationId),
    clear: (): void => held.clear(),
    cursorOf: (conversationId: string): number => held.get(conversationId)?.cursor ?? 0,
    messagesOf: (conversationId: string): HeldMessage[] => [
      ...(held.get(conversationId)?.messages.values() ?? []),
    ],
    all: (): View[] =>
      [...held].map(([conversationId, { fromSeq, cursor, messages }]) => ({
        device,
        userId,
        conversationId,
        fromSeq,
        cursor,
        messages,
      })),
  };
}
