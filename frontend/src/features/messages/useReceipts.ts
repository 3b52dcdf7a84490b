import type { Id, Person } from '@sori/contract';
import { useMemo } from 'react';
import { conversationIdOf, myId } from '../../store/state';
import { useAppStore } from '../../store/useAppStore';
import type { Target } from '../conversations/target';

export type Receipts = {
  /** Who has read it. */
  readBy: readonly Person[];
  /** On whose devices it is, those who have read it included. */
  deliveredTo: readonly Person[];
  /** False where this person shares no receipts, and so is told none. */
  shared: boolean;
};

/** Who has got one's own message. The tick in its row is `ThreadRow.status`, and needs none of this. */
export function useReceipts(target: Target, seq: number | null): Receipts {
  const me = useAppStore(myId);
  const shared = useAppStore(({ settings }) => settings?.receipts ?? true);
  const people = useAppStore((state) => state.people);
  const members = useAppStore(
    (state) => state.conversations[conversationIdOf(state, target) ?? '']?.conversation.members,
  );
  return useMemo(() => {
    const others = (members ?? []).filter(({ userId }) => userId !== me);
    const those = (reached: (member: (typeof others)[number]) => boolean): Person[] => {
      const ids: Id[] = shared && seq !== null ? others.filter(reached).map(({ userId }) => userId) : [];
      return ids.flatMap((id) => (people[id] === undefined ? [] : [people[id]]));
    };
    return {
      shared,
      readBy: those(({ readSeq }) => readSeq >= (seq ?? 0)),
      deliveredTo: those(({ readSeq, deliveredSeq }) => Math.max(readSeq, deliveredSeq) >= (seq ?? 0)),
    };
  }, [members, me, shared, people, seq]);
}
