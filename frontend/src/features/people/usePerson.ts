import type { Id, Person } from '@sori/contract';
import type { ApiError } from '../../api/ApiError';

export type PersonState =
  | { state: 'ready'; person: Person; error: null }
  | { state: 'loading'; person: null; error: null }
  | { state: 'notFound' | 'failed'; person: null; error: ApiError };

/** A person by id: from what is known, else from the server. `null` is nobody yet. */
export function usePerson(_id: Id | null): PersonState {
  return { state: 'loading', person: null, error: null };
}
