import { peopleIn } from '@sori/client';
import type { Conversation, Id } from '@sori/contract';
import { useMemo } from 'react';
import { mentionableIn, type Mentionable } from '../../account/conversations/mentions';
import { useAppStore } from '../../session/useAppStore';
import type { Thread } from '../message-list/useThread';
import { useAcquaintances } from '../people/useAcquaintances';

const nobody: Mentionable = new Map();

/** Who can be mentioned there, by user name. */
export function useMentionableIn(conversation: Conversation | null): Mentionable {
  const me = useAppStore((state) => state.me);
  const people = useAppStore((state) => state.people);
  const met = useAppStore((state) => state.membersMet[conversation?._id ?? '']);
  return useMemo(
    () => (conversation === null ? nobody : mentionableIn(conversation, { me, people, met })),
    [conversation, me, people, met],
  );
}

const noIds: readonly Id[] = [];

/**
 * A group is told with its first few people. The names of the others are asked for: those of its members, and of those
 * who wrote or are named there and have left since.
 */
export function useThreadPeople({ conversation, rows, notices }: Thread): void {
  const isGroup = conversation?.kind === 'group';
  const userIds = useMemo(() => {
    if (!isGroup) return noIds;
    const members = conversation.members.map(({ userId }) => userId);
    return [...new Set([...members, ...rows.map(({ senderId }) => senderId), ...peopleIn(notices)])];
  }, [isGroup, conversation, rows, notices]);
  useAcquaintances(userIds);
}
