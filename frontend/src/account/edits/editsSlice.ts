import type { PendingChange } from '@sori/client';
import type { Id } from '@sori/contract';
import type { Edit, EditsSlice, Slice, State } from '../../store/state';

type Edits = EditsSlice['edits'];

export const editsStart: Pick<EditsSlice, 'edits'> = { edits: {} };

export const isTouched = ({ text, before }: Edit): boolean => text !== before;

const withEdits = (edits: Edits, key: Id, left: readonly Edit[]): Edits => {
  if (left.length > 0) return { ...edits, [key]: left };
  const { [key]: _over, ...others } = edits;
  return others;
};

const without = (edits: readonly Edit[], messageId: Id): Edit[] =>
  edits.filter((edit) => edit.messageId !== messageId);

/** In front of another message's; one of the same goes on as it was left, and one in which nothing was changed is over. */
const began = (edits: readonly Edit[], fresh: Edit): Edit[] => {
  const before = edits.find(({ messageId }) => messageId === fresh.messageId);
  const goesOn = before !== undefined && isTouched(before) ? before : fresh;
  return [...without(edits, fresh.messageId).filter(isTouched), goesOn];
};

/** As the server last told it, or null where that is not held. */
const storedText = (state: State, { conversationId, messageId }: PendingChange): string | null => {
  const held = state.windows[conversationId]?.messages.find(({ _id }) => _id === messageId);
  return (held ?? state.quoted[messageId])?.message ?? null;
};

export const editsSlice: Slice<EditsSlice> = (set) => ({
  ...editsStart,
  editBegan: (key, edit) =>
    set(({ edits }) => ({ edits: withEdits(edits, key, began(edits[key] ?? [], edit)) })),
  editChanged: (key, messageId, changed) =>
    set(({ edits }) => ({
      edits: withEdits(
        edits,
        key,
        (edits[key] ?? []).map((edit) => (edit.messageId === messageId ? { ...edit, ...changed } : edit)),
      ),
    })),
  editEnded: (key, messageId) =>
    set(({ edits }) => ({ edits: withEdits(edits, key, without(edits[key] ?? [], messageId)) })),
  editRefused: (pending) =>
    set((state) => {
      const { conversationId, messageId, change } = pending;
      const held = state.edits[conversationId] ?? [];
      // What is being written about the same message now is newer.
      if (change.kind !== 'edit' || held.some((edit) => edit.messageId === messageId)) return {};
      // Behind what the person is at now.
      const again = { messageId, text: change.text, before: storedText(state, pending) };
      return { edits: withEdits(state.edits, conversationId, [again, ...held]) };
    }),
  editsLoaded: (edits) => set({ edits }),
  editsFromOtherTab: (key, received) => set(({ edits }) => ({ edits: withEdits(edits, key, received) })),
});
