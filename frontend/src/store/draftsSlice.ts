import type { Id } from '@sori/contract';
import type { Draft, DraftsSlice, Slice } from './state';

type Drafts = DraftsSlice['drafts'];

export const draftsStart: Pick<DraftsSlice, 'drafts'> = { drafts: {} };

export const draftEmptied = (drafts: Drafts, key: Id): Drafts => {
  if (drafts[key] === undefined) return drafts;
  const { [key]: _sent, ...others } = drafts;
  return others;
};

/** What was being written to a person goes on in the conversation that came to be; what lies there already counts more. */
export const draftsMoved = (drafts: Drafts, userId: Id, conversationId: Id): Drafts => {
  const moving = drafts[userId];
  if (moving === undefined) return drafts;
  return { [conversationId]: moving, ...draftEmptied(drafts, userId) };
};

export const draftsSlice: Slice<DraftsSlice> = (set) => ({
  ...draftsStart,
  draftChanged: (key, draft: Draft) =>
    set(({ drafts }) => ({
      drafts:
        draft.text === '' && draft.replyTo === null ? draftEmptied(drafts, key) : { ...drafts, [key]: draft },
    })),
  draftsLoaded: (drafts) => set({ drafts }),
});
