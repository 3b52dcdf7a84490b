import { ApiError, type Change, reactionsOf, textWithChanges, withChanges } from '@sori/client';
import { codePoints, emojiForm, limits, type Message } from '@sori/contract';
import { useMemo } from 'react';
import { useClient } from '../../session/SocketContext';
import { myId } from '../../store/state';

/**
 * All show their effect at once (`ThreadRow.changing` until it is stored), wait for the connection if there is none, and
 * throw an `ApiError` where the server refuses: then the message shows again what it was. `ABORTED`: the person signed
 * out.
 */
export type MessageActions = {
  /** One's own. Throws `INVALID` for an empty text where there are no files, `TOO_LARGE` for one over `limits.messageMax` code points. */
  edit: (message: Editable, text: string) => Promise<void>;
  /** For everybody. */
  remove: (message: Editable) => Promise<void>;
  react: (message: Message, emoji: string) => Promise<void>;
  unreact: (message: Message, emoji: string) => Promise<void>;
  pin: (message: Message) => Promise<void>;
  unpin: (message: Message) => Promise<void>;
};

/** What has to be known of a message to give it new words, or to delete it. */
export type Editable = Pick<Message, '_id' | 'conversationId' | 'message'> &
  Partial<Pick<Message, 'attachments'>>;

/** Whether it may be left without words. */
export const hasFiles = ({ attachments = [] }: Editable): boolean => attachments.length > 0;

/** What one can do to a message that is there (`ThreadRow.message`). */
export function useMessageActions(): MessageActions {
  const { store, account } = useClient();
  return useMemo(() => {
    const make = async (message: Pick<Message, '_id' | 'conversationId'>, change: Change): Promise<void> => {
      const { changes } = account() ?? {};
      if (changes === undefined) throw new ApiError('ABORTED', 'Nobody is signed in');
      await changes.make(message, change);
    };
    /** With what was asked before and is not stored yet: the server is told the whole set. */
    const mine = (message: Message): string[] => {
      const state = store.getState();
      const me = myId(state);
      return reactionsOf(withChanges(message, state.changes[message._id] ?? [], me), me).map(emojiForm);
    };
    return {
      edit: async (message, text) => {
        const trimmed = text.trim();
        // Files need no words.
        if (trimmed === '' && !hasFiles(message)) throw new ApiError('INVALID', 'A message cannot be empty');
        if (codePoints(trimmed) > limits.messageMax) throw new ApiError('TOO_LARGE', 'Too long');
        const pending = store.getState().changes[message._id] ?? [];
        if (trimmed !== textWithChanges(message, pending))
          await make(message, { kind: 'edit', text: trimmed });
      },
      remove: (message) => make(message, { kind: 'delete' }),
      react: async (message, emoji) => {
        const before = mine(message);
        const form = emojiForm(emoji);
        if (!before.includes(form)) await make(message, { kind: 'react', emojis: [...before, form] });
      },
      unreact: async (message, emoji) => {
        const before = mine(message);
        const form = emojiForm(emoji);
        if (before.includes(form))
          await make(message, { kind: 'react', emojis: before.filter((one) => one !== form) });
      },
      pin: (message) => make(message, { kind: 'pin', pinned: true }),
      unpin: (message) => make(message, { kind: 'pin', pinned: false }),
    };
  }, [store, account]);
}
