import type { Id } from '@sori/contract';
import type { Slice } from '../../store/state';
import type { UploadsSlice } from '../../store/uploads';

type Chosen = UploadsSlice['chosen'];

export const uploadsStart: Pick<UploadsSlice, 'uploads' | 'chosen'> = { uploads: {}, chosen: {} };

export const chosenEmptied = (chosen: Chosen, key: Id): Chosen => {
  if (chosen[key] === undefined) return chosen;
  const { [key]: _sent, ...others } = chosen;
  return others;
};

/** What was chosen for a person goes on in the conversation that came to be. */
export const chosenMoved = (chosen: Chosen, userId: Id, conversationId: Id): Chosen => {
  const moving = chosen[userId];
  if (moving === undefined) return chosen;
  const there = chosen[conversationId] ?? [];
  return { ...chosenEmptied(chosen, userId), [conversationId]: [...there, ...moving] };
};

export const uploadsSlice: Slice<UploadsSlice> = (set) => ({
  ...uploadsStart,
  uploadProgressed: (id, progress) => set(({ uploads }) => ({ uploads: { ...uploads, [id]: progress } })),
  filesChosen: (key, files) =>
    set(({ chosen }) => ({
      chosen: files.length === 0 ? chosenEmptied(chosen, key) : { ...chosen, [key]: files },
    })),
});
