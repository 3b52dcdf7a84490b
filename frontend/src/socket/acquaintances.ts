import { limits, type Id } from '@sori/contract';
import type { Api } from '../api/api';
import type { Store } from '../store/store';

export type Acquaintances = {
  /** Brings those people into the store of whom only the id is known. Twice at once asks once. */
  meet: (userIds: readonly Id[]) => void;
  stop: () => void;
};

/**
 * A group is told with its first few people; of the others the log and the members name only ids. Those who are needed
 * while an answer is on its way are asked for together, by the next question.
 */
export const createAcquaintances = (deps: { store: Store; api: Pick<Api, 'peopleByIds'> }): Acquaintances => {
  const { store, api } = deps;
  const given = new AbortController();
  const queue: Id[] = [];
  /** On their way, or known to be nobody. What failed for another reason is asked again by whoever shows it again. */
  const asked = new Set<Id>();
  let running = false;

  const ask = async (userIds: readonly Id[]): Promise<void> => {
    try {
      const people = await api.peopleByIds(userIds, given.signal);
      if (!given.signal.aborted) store.getState().peopleTold(people);
    } catch {
      for (const userId of userIds) asked.delete(userId);
    }
  };

  const next = () => {
    if (running || queue.length === 0 || given.signal.aborted) return;
    running = true;
    void ask(queue.splice(0, limits.pageMax)).finally(() => {
      running = false;
      next();
    });
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
