import { type ApiError, toApiError } from '@sori/client';
import type { Id } from '@sori/contract';
import { useCallback, useEffect, useState } from 'react';

export type Listed<Item> = {
  items: readonly Item[];
  state: 'loading' | 'ready' | 'failed';
  error: ApiError | null;
  hasMore: boolean;
  loadMore: () => void;
  /** From the beginning: something was changed. */
  reload: () => void;
};

const pageSize = 50;

type Fetch<Item> = (page: { limit: number; after?: Id }, signal: AbortSignal) => Promise<Item[]>;

/** A list of the server's, page after page. `fetch` must be the same function between renders. */
export function useList<Item extends { _id: Id }>(fetch: Fetch<Item>): Listed<Item> {
  const [held, setHeld] = useState<{ items: readonly Item[]; hasMore: boolean } | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [asked, setAsked] = useState<{ after: Id | null; turn: number }>({ after: null, turn: 0 });

  useEffect(() => {
    const given = new AbortController();
    const { after } = asked;
    fetch({ limit: pageSize, ...(after === null ? {} : { after }) }, given.signal).then(
      (page) => {
        if (given.signal.aborted) return;
        setError(null);
        setHeld((before) => ({
          items: after === null ? page : [...(before?.items ?? []), ...page],
          hasMore: page.length === pageSize,
        }));
      },
      (thrown: unknown) => {
        if (!given.signal.aborted) setError(toApiError(thrown));
      },
    );
    return () => given.abort();
  }, [fetch, asked]);

  const last = held?.items.at(-1)?._id ?? null;
  return {
    items: held?.items ?? [],
    state: held !== null ? 'ready' : error === null ? 'loading' : 'failed',
    error,
    hasMore: held?.hasMore ?? false,
    loadMore: useCallback(() => setAsked(({ turn }) => ({ after: last, turn: turn + 1 })), [last]),
    reload: useCallback(() => setAsked(({ turn }) => ({ after: null, turn: turn + 1 })), []),
  };
}
