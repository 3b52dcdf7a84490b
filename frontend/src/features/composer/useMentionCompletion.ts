import type { Conversation, Id, Person } from '@sori/contract';
import { useEffect, useMemo, useState } from 'react';
import { useClient } from '../../session/SocketContext';
import { mentionableIn } from '../../account/conversations/mentions';
import { conversationIdOf, myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import type { Target } from '../conversations/target';
import { foundAt } from '../people/hangulMatch';
import { mentionBeingTyped, type MentionBeingTyped } from './mentionBeingTyped';

export type Replacement = { start: number; end: number; text: string };

export type MentionCompletion = {
  /** Those who fit; empty while nothing is to be completed. */
  options: readonly Person[];
  active: number;
  /** The text or the caret changed. A null caret: something is selected. */
  look: (text: string, caret: number | null) => void;
  move: (by: 1 | -1) => void;
  close: () => void;
  /** What to write for that one, or the active one. Null while nothing is to be completed. */
  take: (index?: number) => Replacement | null;
};

const shownAtMost = 6;
const rankOf = ({ fullName, username }: Person, query: string): number => {
  const places = [foundAt(fullName, query), foundAt(username, query)].filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
};

const nobody: readonly Person[] = [];

/** Completes `@` with the names of those who are in the group, while one types. */
export function useMentionCompletion(target: Target): MentionCompletion {
  const conversation = useAppStore(
    (state) => state.conversations[conversationIdOf(state, target) ?? '']?.conversation,
  );
  const isGroup = conversation?.kind === 'group';
  const { store } = useClient();
  const me = useAppStore(myId);
  const [place, setPlace] = useState<MentionBeingTyped | null>(null);
  const [active, setActive] = useState(0);
  /** Where it was closed with Esc: it stays closed there. */
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const query = isGroup && place !== null && place.start !== closedAt ? place.query : null;
  const people = useCandidates(conversation, query);

  const options = useMemo(() => {
    if (query === null) return nobody;
    return people
      .filter(({ _id }) => _id !== me)
      .map((person) => ({ person, rank: rankOf(person, query) }))
      .filter(({ rank }) => rank >= 0)
      .sort((one, other) => Number(one.rank > 0) - Number(other.rank > 0))
      .slice(0, shownAtMost)
      .map(({ person }) => person);
  }, [query, people, me]);
  const current = Math.min(active, Math.max(0, options.length - 1));

  return {
    options,
    active: current,
    look: (text, caret) => {
      if (!isGroup) return;
      const { me, people, membersMet } = store.getState();
      const known = { me, people, met: membersMet[conversation._id] };
      const next = mentionBeingTyped(text, caret, () => mentionableIn(conversation, known));
      if (next?.start !== place?.start || next?.query !== place?.query) setActive(0);
      if (next === null || next.start !== closedAt) setClosedAt(null);
      if (next?.start !== place?.start || next?.end !== place?.end || next?.query !== place?.query)
        setPlace(next);
    },
    move: (by) => setActive((current + by + options.length) % Math.max(1, options.length)),
    close: () => setClosedAt(place?.start ?? null),
    take: (index = current) => {
      const person = options[index];
      if (place === null || person === undefined) return null;
      return { start: place.start, end: place.end, text: `@${person.username} ` };
    },
  };
}

const noIds: readonly Id[] = [];

/** Those who are told with the group; of a large one also whom the server finds. */
const useCandidates = (conversation: Conversation | undefined, query: string | null): readonly Person[] => {
  const { api, store, clock } = useClient();
  const people = useAppStore((state) => state.people);
  const [found, setFound] = useState<readonly Id[]>(noIds);
  const id = conversation?._id;
  const isWhole = conversation !== undefined && conversation.members.length >= conversation.memberCount;
  useEffect(() => {
    if (id === undefined || query === null || isWhole) return undefined;
    const given = new AbortController();
    const ask = async () => {
      // What cannot be asked completes nothing more; what is known still does.
      const members = await api
        .members(id, { search: query, limit: shownAtMost }, given.signal)
        .catch(() => []);
      if (given.signal.aborted) return;
      store.getState().membersReceived(id, members);
      setFound(members.map(({ _id }) => _id));
    };
    const cancel = clock.after(150, () => void ask());
    return () => {
      cancel();
      given.abort();
    };
  }, [api, store, clock, id, query, isWhole]);
  return useMemo(() => {
    const ids = new Set([...(conversation?.members ?? []).map(({ userId }) => userId), ...found]);
    return [...ids].flatMap((userId) => people[userId] ?? []);
  }, [conversation, found, people]);
};
