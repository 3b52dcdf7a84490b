import type { Conversation, Id } from '@sori/contract';
import { useEffect, useMemo } from 'react';
import { useClient } from '../../socket/SocketContext';
import { mentionableIn, type Mentionable } from '../../store/mentions';
import { peopleIn } from '../../store/notices';
import { useAppStore } from '../../store/useAppStore';
import type { Thread } from '../messages/useThread';
import { useAcquaintances } from '../people/useAcquaintances';

const nobody: Mentionable = new Map();

/** Who can be mentioned there, by user name. */
export function useMentionableIn(conversation: Conversation | null): Mentionable {
  const people = useAppStore((state) => state.people);
  return useMemo(
    () => (conversation === null ? nobody : mentionableIn(conversation, people)),
    [conversation, people],
  );
}

const noIds: readonly Id[] = [];

/**
 * A group is told with its first few people. The names of the others are asked for: those of its members together, and
 * one by one those who wrote or are named there and have left since.
 */
export function useThreadPeople({ conversation, rows, notices }: Thread): void {
  const { api, store } = useClient();
  const isGroup = conversation?.kind === 'group';
  const id = isGroup ? conversation._id : null;
  const connection = useAppStore((state) => state.connection);
  const misses = useAppStore(
    ({ people }) => isGroup && conversation.members.some(({ userId }) => people[userId] === undefined),
  );
  useEffect(() => {
    if (id === null || !misses || connection !== 'online') return undefined;
    const given = new AbortController();
    // Without an answer they stay without a name until the line is back, or somebody comes or goes.
    api.members(id, { limit: 100 }, given.signal).then(
      (members) => store.getState().peopleTold(members),
      () => undefined,
    );
    return () => given.abort();
  }, [api, store, id, misses, connection]);

  const others = useMemo(() => {
    if (!isGroup) return noIds;
    const here = new Set(conversation.members.map(({ userId }) => userId));
    const named = [...rows.map(({ senderId }) => senderId), ...peopleIn(notices)];
    return [...new Set(named)].filter((userId) => !here.has(userId));
  }, [isGroup, conversation, rows, notices]);
  useAcquaintances(others);
}
