import type { Id, Person } from '@sori/contract';
import { useMemo } from 'react';
import { useAppStore } from '../../session/useAppStore';

const nobody: readonly Id[] = [];

/** Who is writing there: only to be shown. Whoever also writes there uses `useTyping`. */
export function useTypists(conversationId: Id): readonly Person[] {
  const userIds = useAppStore((state) => state.typing[conversationId] ?? nobody);
  const people = useAppStore((state) => state.people);
  return useMemo(
    () => userIds.flatMap((id) => (people[id] === undefined ? [] : [people[id]])),
    [userIds, people],
  );
}
