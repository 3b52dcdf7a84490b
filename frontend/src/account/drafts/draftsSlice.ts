import type { Id } from '@sori/contract';
import type { Draft, DraftsSlice, Slice } from '../../store/state';

type Drafts = DraftsSlice['drafts'];

export const draftsStart: Pick<DraftsSlice, 'drafts'> = { drafts: {} };

export const draftEmptied = (drafts: Drafts, key: Id): Drafts => {
  if (drafts[key] === undefined) return drafts;
  const { [key]: _sent, ...others } = drafts;
  return others;
};

/**
 * What was being written to a person goes on in the conversation that came to be, behind what lies there already: the
 * person did not see that, and wrote both. What another tab has moves there: it may have changed or sent it since.
 */
export const draftsMoved = (drafts: Drafts, userId: Id, conversationId: Id): Drafts => {
  const moving = drafts[userId];
  if (moving === undefined || moving.fromOtherTab === true) return drafts;
  return { ...draftEmptied(drafts, userId), [conversationId]: joined(drafts[conversationId], moving) };
};

const joined = (lying: Draft | undefined, { text, replyTo }: Draft): Draft => {
  const texts = new Set([lying?.text ?? '', text].filter((one) => one !== ''));
  return { text: [...texts].join('\n'), replyTo: replyTo ?? lying?.replyTo ?? null };
};

const draftPut = (drafts: Drafts, key: Id, draft: Draft): Drafts =>
  draft.text === '' && draft.replyTo === null ? draftEmptied(drafts, key) : { ...drafts, [key]: draft };

export const draftsSlice: Slice<DraftsSlice> = (set) => ({
  ...draftsStart,
  draftChanged: (key, draft) => set(({ drafts }) => ({ drafts: draftPut(drafts, key, draft) })),
  draftFromOtherTab: (key, draft) =>
    set(({ drafts }) => ({ drafts: draftPut(drafts, key, { ...draft, fromOtherTab: true }) })),
  draftBrought: (key, draft) =>
    set(({ drafts }) => ({ drafts: draftPut(drafts, key, joined(drafts[key], draft)) })),
  draftsLoaded: (drafts) => set({ drafts }),
});
