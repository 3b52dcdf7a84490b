import type { Id } from '@sori/contract';
import { useMemo } from 'react';
import { isTouched } from '../../store/editsSlice';
import type { State } from '../../store/state';
import { useAppStore } from '../../store/useAppStore';
import { glance } from '../../ui/graphemes';

export type LeftBehind = { lane: Id; to: string; name: string; text: string };

type Sources = Pick<State, 'outbox' | 'drafts' | 'edits' | 'gone' | 'conversations' | 'people'>;

/**
 * Where something lies that could not be sent, and no conversation in the list would lead to it: one was removed there, or
 * it was the first that was said to somebody.
 */
export const leftBehind = ({ outbox, drafts, edits, gone, conversations, people }: Sources): LeftBehind[] =>
  [...new Set([...Object.keys(outbox), ...Object.keys(gone)])].flatMap((lane) => {
    if (conversations[lane] !== undefined) return [];
    const failed = outbox[lane]?.findLast(({ state }) => state === 'failed');
    // Drafts to people whom one has not talked with are no news; those of a conversation that was taken away are.
    const begun =
      gone[lane] === undefined
        ? undefined
        : (edits[lane]?.findLast(isTouched)?.text ?? drafts[lane]?.text.trim());
    const text = failed?.text ?? begun;
    if (text === undefined || text === '') return [];
    const person = people[lane];
    return [
      {
        lane,
        to: person === undefined ? `/c/${lane}` : `/u/${lane}`,
        name: person?.fullName ?? failed?.from ?? gone[lane]?.name ?? '',
        text: glance(text),
      },
    ];
  });

/** Nothing before the whole list is there: what it does not have so far may still come. */
export function useLeftBehind(): LeftBehind[] {
  const outbox = useAppStore((state) => state.outbox);
  const drafts = useAppStore((state) => state.drafts);
  const edits = useAppStore((state) => state.edits);
  const gone = useAppStore((state) => state.gone);
  const conversations = useAppStore((state) => state.conversations);
  const people = useAppStore((state) => state.people);
  const isWhole = useAppStore(({ list }) => list.state === 'ready' && !list.kept && list.next === null);
  return useMemo(
    () => (isWhole ? leftBehind({ outbox, drafts, edits, gone, conversations, people }) : []),
    [isWhole, outbox, drafts, edits, gone, conversations, people],
  );
}
