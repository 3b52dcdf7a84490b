import { type ApiError, toApiError } from '@sori/client';
import type { Person } from '@sori/contract';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient } from '../../session/SocketContext';

export type PeopleSearch = {
  /** What was found for exactly this query; empty while another one's answer is all there is. */
  people: readonly Person[];
  state: 'idle' | 'loading' | 'ready' | 'failed';
  error: ApiError | null;
  hasMore: boolean;
  loadMore: () => void;
};

/** Long enough for a syllable, too short to be waited for. */
const pauseMs = 150;
const pageSize = 50;

type Found = { query: string; people: readonly Person[]; hasMore: boolean; error: ApiError | null };

const nobody: readonly Person[] = [];

/**
 * Searches people by name on the server. `null` does nothing; an empty query lists everybody. Waits until the typing
 * pauses (150 ms), gives up requests that were overtaken, and watches who of the found ones is online.
 */
export function usePeopleSearch(query: string | null): PeopleSearch {
  const { api, store, clock, account } = useClient();
  const [found, setFound] = useState<Found | null>(null);
  const [arrivals, setArrivals] = useState(0);
  const loadingMore = useRef<AbortController | null>(null);
  const search = query?.trim() ?? null;
  const isSearching = search !== null;

  useEffect(() => {
    if (search === null) return undefined;
    const given = new AbortController();
    const ask = async () => {
      try {
        const people = await api.people({ search, limit: pageSize }, given.signal);
        if (given.signal.aborted) return;
        store.getState().peopleReceived(people);
        setFound({ query: search, people, hasMore: people.length === pageSize, error: null });
      } catch (thrown) {
        if (!given.signal.aborted)
          setFound({ query: search, people: nobody, hasMore: false, error: toApiError(thrown) });
      }
    };
    const cancel = clock.after(search === '' ? 0 : pauseMs, () => void ask());
    return () => {
      cancel();
      given.abort();
      loadingMore.current?.abort();
    };
    // Somebody who signed up may be found now.
  }, [api, store, clock, search, arrivals]);

  useEffect(
    () => (isSearching ? account()?.watching.arrivals(() => setArrivals((count) => count + 1)) : undefined),
    [account, isSearching],
  );

  const shown = found !== null && found.query === search ? found : null;
  const people = shown?.people ?? nobody;
  useEffect(() => {
    if (people.length === 0) return undefined;
    return account()?.watching.people(people.map(({ _id }) => _id));
  }, [account, people]);

  const loadMore = useCallback(() => {
    const last = shown?.people.at(-1);
    if (shown?.hasMore !== true || last === undefined) return;
    if (loadingMore.current !== null && !loadingMore.current.signal.aborted) return;
    const given = new AbortController();
    loadingMore.current = given;
    api
      .people({ search: shown.query, limit: pageSize, after: last._id }, given.signal)
      .then(
        (more) => {
          if (given.signal.aborted) return;
          // Before it shows: whoever sees it may ask for more at once.
          loadingMore.current = null;
          store.getState().peopleReceived(more);
          setFound({ ...shown, people: [...shown.people, ...more], hasMore: more.length === pageSize });
        },
        (thrown: unknown) => {
          if (!given.signal.aborted) setFound({ ...shown, error: toApiError(thrown) });
        },
      )
      .finally(() => {
        if (loadingMore.current === given) loadingMore.current = null;
      });
  }, [api, store, shown]);

  if (search === null) return { people: nobody, state: 'idle', error: null, hasMore: false, loadMore };
  if (shown === null) return { people: nobody, state: 'loading', error: null, hasMore: false, loadMore };
  const { hasMore, error } = shown;
  return { people, state: error === null ? 'ready' : 'failed', error, hasMore, loadMore };
}
