import type { Id } from '@sori/contract';
import { useMemo } from 'react';
import { draftMarks } from '../../account/drafts/draftsStorage';
import { isTouched } from '../../account/edits/editsSlice';
import type { State } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { glance } from '../../ui/graphemes';
import { currentLanguage } from '../../i18n';
import { attachmentsOf } from '../attachments/outgoing';
import { wordsOf } from '../attachments/words';
import { useAcquaintances } from '../people/useAcquaintances';

export type LeftBehind = {
  lane: Id;
  to: string;
  name: string;
  text: string;
  /** It could not be sent; else it is only what was being written. */
  failed: boolean;
};

type Sources = Pick<State, 'me' | 'outbox' | 'drafts' | 'edits' | 'gone' | 'conversations' | 'people'>;

/**
 * Where something lies that could not be sent, and no conversation in the list would lead to it: one was removed there, or
 * it was the first that was said to somebody.
 */
export const leftBehind = ({
  me,
  outbox,
  drafts,
  edits,
  gone,
  conversations,
  people,
}: Sources): LeftBehind[] => {
  const marks = draftMarks(me?._id ?? '');
  const lanes = [outbox, gone, drafts, edits].flatMap((record) => Object.keys(record));
  return [...new Set(lanes)].flatMap((lane) => {
    if (conversations[lane] !== undefined) return [];
    const failed = outbox[lane]?.findLast(({ state }) => state === 'failed');
    const was = gone[lane];
    const isMarked = marks.read(lane) !== null;
    const changed = edits[lane]?.findLast(isTouched)?.text;
    // Drafts to people whom one has not talked with are no news; those of a conversation that was taken away are. After a
    // reload nothing else knows of it any more: only what is written in a conversation is ever marked.
    const written = was === undefined && !isMarked ? undefined : drafts[lane]?.text.trim();
    // Who left by themselves needs no reminder.
    const begun = was?.byOneself === true ? undefined : (changed ?? written);
    const unsent =
      failed && wordsOf({ text: failed.text, attachments: attachmentsOf(failed) }, currentLanguage());
    const text = unsent ?? begun;
    if (text === undefined || text === '') return [];
    const person = people[lane];
    // What was taken away had a name to be kept; what never was a conversation is somebody's, known already or not.
    const wasConversation =
      was !== undefined || failed?.from !== undefined || isMarked || changed !== undefined;
    return [
      {
        lane,
        to: wasConversation ? `/c/${lane}` : `/u/${lane}`,
        name: person?.fullName ?? failed?.from ?? was?.name ?? '',
        text: glance(text),
        failed: failed !== undefined,
      },
    ];
  });
};

/** Nothing before the whole list is there: what it does not have so far may still come. */
export function useLeftBehind(): LeftBehind[] {
  const me = useAppStore((state) => state.me);
  const outbox = useAppStore((state) => state.outbox);
  const drafts = useAppStore((state) => state.drafts);
  const edits = useAppStore((state) => state.edits);
  const gone = useAppStore((state) => state.gone);
  const conversations = useAppStore((state) => state.conversations);
  const people = useAppStore((state) => state.people);
  const isWhole = useAppStore(({ list }) => list.state === 'ready' && !list.kept && list.next === null);
  const rows = useMemo(
    () => (isWhole ? leftBehind({ me, outbox, drafts, edits, gone, conversations, people }) : []),
    [isWhole, me, outbox, drafts, edits, gone, conversations, people],
  );
  // After a reload nobody has told who they are.
  useAcquaintances(
    useMemo(() => rows.filter(({ to }) => to.startsWith('/u/')).map(({ lane }) => lane), [rows]),
  );
  return rows;
}
