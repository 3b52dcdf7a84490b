import type { PendingChange } from '@sori/client';
import type { ChangesSlice, Slice, State } from '../../store/state';
import { messageChanged } from '../history/windowChanges';

export const changesStart: Pick<ChangesSlice, 'changes' | 'quoted'> = { changes: {}, quoted: {} };

const without = (changes: State['changes'], { messageId, clientId }: PendingChange): State['changes'] => {
  const { [messageId]: pending = [], ...others } = changes;
  const left = pending.filter((one) => one.clientId !== clientId);
  return left.length === 0 ? others : { ...others, [messageId]: left };
};

export const changesSlice: Slice<ChangesSlice> = (set) => ({
  ...changesStart,
  changeAsked: (change) =>
    set(({ changes }) => ({
      changes: { ...changes, [change.messageId]: [...(changes[change.messageId] ?? []), change] },
    })),
  changeStored: (change, message) =>
    set((state) => {
      const window = state.windows[change.conversationId];
      return {
        changes: without(state.changes, change),
        ...(window === undefined
          ? {}
          : { windows: { ...state.windows, [change.conversationId]: messageChanged(window, message) } }),
        ...((state.quoted[message._id] ?? null) === null
          ? {}
          : { quoted: { ...state.quoted, [message._id]: message } }),
      };
    }),
  changeRefused: (change) => set(({ changes }) => ({ changes: without(changes, change) })),
  quoteFound: (messageId, message) => set(({ quoted }) => ({ quoted: { ...quoted, [messageId]: message } })),
});
