import type { Id, Person } from '@sori/contract';
import { useMemo } from 'react';
import { conversationIdOf, myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import type { Target } from '../conversations/target';

export type Receipts = {
  /** Who has read it. */
  readBy: readonly Person[];
  /** Who was there when it was said, and has not. */
  unreadBy: readonly Person[];
};

/** Who has read one's own message. The tick in its row is `ThreadRow.status`, and needs none of this. */
export function useReceipts(target: Target, seq: number): Receipts {
  const me = useAppStore(myId);
  const people = useAppStore((state) => state.people);
  const members = useAppStore(
    (state) => state.conversations[conversationIdOf(state, target) ?? '']?.conversation.members,
  );
  return useMemo(() => {
    const others = (members ?? []).filter(({ userId, joinSeq = 0 }) => userId !== me && joinSeq < seq);
    const those = (ids: readonly Id[]): Person[] => ids.flatMap((id) => people[id] ?? []);
    return {
      readBy: those(others.filter(({ readSeq }) => readSeq >= seq).map(({ userId }) => userId)),
      unreadBy: those(others.filter(({ readSeq }) => readSeq < seq).map(({ userId }) => userId)),
    };
  }, [members, me, people, seq]);
}
