import { type ApiError, toApiError } from '@sori/client';
import type { Id, Person } from '@sori/contract';
import { useEffect, useState } from 'react';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';

export type PersonState =
  | { state: 'ready'; person: Person; error: null }
  | { state: 'loading'; person: null; error: null }
  | { state: 'notFound' | 'failed'; person: null; error: ApiError };

/** Addresses are typed by people too: an id that cannot be one is somebody who does not exist. */
const isMissing = ({ code }: ApiError): boolean => code === 'NOT_FOUND' || code === 'INVALID';

/** A person by id: from what is known, else from the server. `null` is nobody yet. */
export function usePerson(id: Id | null): PersonState {
  const { api, store } = useClient();
  const person = useAppStore((state) => (id === null ? undefined : state.people[id]));
  const connection = useAppStore((state) => state.connection);
  const [failure, setFailure] = useState<{ id: Id; error: ApiError } | null>(null);
  const isKnown = person !== undefined;

  useEffect(() => {
    if (id === null || isKnown) return undefined;
    const given = new AbortController();
    api.person(id, given.signal).then(
      (found) => {
        if (!given.signal.aborted) store.getState().peopleReceived([found]);
      },
      (thrown: unknown) => {
        if (!given.signal.aborted) setFailure({ id, error: toApiError(thrown) });
      },
    );
    return () => given.abort();
    // Asked again when the connection comes back.
  }, [api, store, id, isKnown, connection]);

  if (person !== undefined) return { state: 'ready', person, error: null };
  if (failure === null || failure.id !== id) return { state: 'loading', person: null, error: null };
  return { state: isMissing(failure.error) ? 'notFound' : 'failed', person: null, error: failure.error };
}
