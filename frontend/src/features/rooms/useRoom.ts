import { type ApiError, toApiError } from '@sori/client';
import type { Conversation, Id, Room } from '@sori/contract';
import { useCallback, useEffect, useState } from 'react';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';

export type RoomState =
  | { state: 'ready'; room: Room; error: null; again: () => void }
  | { state: 'loading'; room: null; error: null; again: () => void }
  | { state: 'missing' | 'failed'; room: null; error: ApiError; again: () => void };

/** Addresses are typed by people too: what cannot be a room's is one that does not exist. */
export const isMissing = ({ code }: ApiError): boolean => code === 'NOT_FOUND' || code === 'INVALID';

/** What a room tells to whoever stands at its door. */
export function useRoomAtTheDoor(slug: string): RoomState {
  const { api } = useClient();
  const [answer, setAnswer] = useState<{ slug: string; room: Room | null; error: ApiError | null } | null>(
    null,
  );
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const given = new AbortController();
    api.room(slug, given.signal).then(
      (room) => {
        if (!given.signal.aborted) setAnswer({ slug, room, error: null });
      },
      (thrown: unknown) => {
        if (!given.signal.aborted) setAnswer({ slug, room: null, error: toApiError(thrown) });
      },
    );
    return () => given.abort();
  }, [api, slug, tries]);
  const again = useCallback(() => {
    setAnswer(null);
    setTries((count) => count + 1);
  }, []);
  const known = answer?.slug === slug ? answer : null;
  if (known?.room) return { state: 'ready', room: known.room, error: null, again };
  if (known?.error)
    return { state: isMissing(known.error) ? 'missing' : 'failed', room: null, error: known.error, again };
  return { state: 'loading', room: null, error: null, again };
}

export type Entry = {
  /** Set as soon as the room is known to be entered. */
  conversationId: Id | null;
  error: ApiError | null;
  again: () => void;
};

const isRoom = ({ kind, slug }: Conversation, wanted: string): boolean => kind === 'room' && slug === wanted;

/** Enters a room for who is signed in: at once, since they have a name already. Whoever is in it stays so. */
export function useEntry(slug: string): Entry {
  const { enterRoom } = useClient();
  const me = useAppStore((state) => state.me?._id);
  const connection = useAppStore((state) => state.connection);
  const known = useAppStore(
    ({ conversations }) =>
      Object.values(conversations).find(({ conversation }) => isRoom(conversation, slug))?.conversation._id ??
      null,
  );
  const [entered, setEntered] = useState<{ slug: string; id: Id | null; error: ApiError | null } | null>(
    null,
  );
  const [tries, setTries] = useState(0);
  const isEntered = entered?.slug === slug && entered.id !== null;

  useEffect(() => {
    if (isEntered) return undefined;
    let wanted = true;
    enterRoom(slug).then(
      (room) => {
        if (wanted) setEntered({ slug, id: room._id, error: null });
      },
      (thrown: unknown) => {
        if (wanted) setEntered({ slug, id: null, error: toApiError(thrown) });
      },
    );
    return () => {
      wanted = false;
    };
    // Another person is signed in, or the connection came back.
  }, [enterRoom, slug, tries, me, connection, isEntered]);

  const answer = entered?.slug === slug ? entered : null;
  return {
    // Who was in it when the page was last open reads on while it is entered again, and without a connection.
    conversationId: answer?.id ?? known,
    error: answer?.error ?? null,
    again: () => {
      setEntered(null);
      setTries((count) => count + 1);
    },
  };
}
