import type { Id } from '@sori/contract';
import { toApiError } from '../api/ApiError';
import type { Api } from '../api/api';
import type { Store } from '../store/store';

export type Acquaintances = {
  /** Brings those people into the store of whom only the id is known. Twice at once asks once. */
  meet: (userIds: readonly Id[]) => void;
  stop: () => void;
};

/** Questions on their way at the same time. */
const atOnce = 4;

/** A group is told with its first few people; of the others the log and the members name only ids. */
export const createAcquaintances = (deps: { store: Store; api: Pick<Api, 'person'> }): Acquaintances => {
  const { store, api } = deps;
  const given = new AbortController();
  const queue: Id[] = [];
  /** On their way, or known to be nobody. What failed for another reason is asked again by whoever shows it again. */
  const asked = new Set<Id>();
  let running = 0;

  const ask = async (userId: Id): Promise<void> => {
    try {
      const person = await api.person(userId, given.signal);
      if (!given.signal.aborted) store.getState().peopleTold([person]);
    } catch (thrown) {
      if (toApiError(thrown).code !== 'NOT_FOUND') asked.delete(userId);
    }
  };

  const next = () => {
    while (running < atOnce) {
      const userId = queue.shift();
      if (userId === undefined || given.signal.aborted) return;
      running += 1;
      void ask(userId).finally(() => {
        running -= 1;
        next();
      });
    }
  };

  return {
    meet: (userIds) => {
      const { people } = store.getState();
      for (const userId of userIds) {
        if (people[userId] !== undefined || asked.has(userId)) continue;
        asked.add(userId);
        queue.push(userId);
      }
      next();
    },
    stop: () => given.abort(),
  };
};
