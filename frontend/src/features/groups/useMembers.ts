import { type ApiError, toApiError } from '@sori/client';
import type { Conversation, Id, Member } from '@sori/contract';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';

export type Members = {
  /** Longest-standing first. */
  members: readonly Member[];
  state: 'loading' | 'ready' | 'failed';
  error: ApiError | null;
  hasMore: boolean;
  loadMore: () => void;
};

const pageSize = 100;
type Found = { of: Id; members: readonly Member[]; hasMore: boolean };

/** Who is in a group, with their names, also beyond those that the conversation tells. Follows who comes and goes. */
export function useMembers({ _id: id, members: listed, memberCount }: Conversation): Members {
  const { api, store } = useClient();
  const connection = useAppStore((state) => state.connection);
  const people = useAppStore((state) => state.people);
  const [found, setFound] = useState<Found | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  /** Another text as soon as somebody came, went or got other rights; positions do not matter here. */
  const version = `${memberCount} ${listed.map(({ userId, role }) => userId + role).join()}`;

  const came = useCallback(
    (before: readonly Member[], page: Member[]) => {
      store.getState().membersReceived(id, page);
      setFound({ of: id, members: [...before, ...page], hasMore: page.length === pageSize });
      setFailure(null);
    },
    [store, id],
  );
  useEffect(() => {
    const given = new AbortController();
    api.members(id, { limit: pageSize }, given.signal).then(
      (page) => {
        if (!given.signal.aborted) came([], page);
      },
      (thrown: unknown) => {
        if (!given.signal.aborted) setFailure(toApiError(thrown));
      },
    );
    return () => given.abort();
    // Asked again when the connection comes back.
  }, [api, id, came, version, connection]);

  const known = found !== null && found.of === id ? found : null;
  const members = useMemo(() => {
    // What is known without asking, until the answer is there: with no connection it is all there is.
    if (known === null)
      return listed.flatMap(({ userId, role }) => {
        const person = people[userId];
        return person === undefined ? [] : [{ ...person, role }];
      });
    const roles = new Map(listed.map(({ userId, role }) => [userId, role]));
    return known.members.map((member) => ({ ...member, role: roles.get(member._id) ?? member.role }));
  }, [known, listed, people]);
  return {
    members,
    state: members.length > 0 ? 'ready' : failure === null ? 'loading' : 'failed',
    error: failure,
    hasMore: known?.hasMore ?? false,
    loadMore: () => {
      if (known?.hasMore !== true) return;
      api.members(id, { after: known.members.at(-1)?._id, limit: pageSize }).then(
        (page) => came(known.members, page),
        (thrown: unknown) => setFailure(toApiError(thrown)),
      );
    },
  };
}
