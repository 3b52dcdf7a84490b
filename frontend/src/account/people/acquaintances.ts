import { backOff, passes, toApiError } from '@sori/client';
import { limits, type Id } from '@sori/contract';
import type { Api } from '../../api/api';
import type { Store } from '../../store/state';
import type { Clock } from '../../device/clock';

export type Acquaintances = {
  /** Brings those people into the store of whom only the id is known. Twice at once asks once. */
  meet: (userIds: readonly Id[]) => void;
  /** The connection is there again: nobody waits out a delay that was meant for its absence. */
  resume: () => void;
  stop: () => void;
};

type Deps = { store: Store; api: Pick<Api, 'peopleByIds'>; clock: Clock };

/**
 * A group is told with its first few people; of the others the log and the members name only ids. Those who are needed
 * while an answer is on its way are asked for together, by the next question.
 */
export const createAcquaintances = (deps: Deps): Acquaintances => {
  const { store, api, clock } = deps;
  const given = new AbortController();
  const queue: Id[] = [];
  /** On their way, to be asked again, or known to be nobody. What was refused is asked again by whoever shows it again. */
  const asked = new Set<Id>();
  let running = false;
  let failures = 0;
  /** Ends the waiting for the next try; null while none is waited for. */
  let endWait: (() => void) | null = null;

  const ask = async (userIds: readonly Id[]): Promise<void> => {
    try {
      const people = await api.peopleByIds(userIds, given.signal);
      failures = 0;
      if (!given.signal.aborted) store.getState().peopleReceived(people);
    } catch (thrown) {
      const error = toApiError(thrown);
      if (given.signal.aborted) return;
      if (!passes(error)) {
        for (const userId of userIds) asked.delete(userId);
        return;
      }
      queue.unshift(...userIds);
      const delay = Math.max(error.retryAfterMs ?? 0, backOff(failures, clock.random));
      failures += 1;
      endWait = clock.after(delay, () => {
        endWait = null;
        next();
      });
    }
  };

  const next = () => {
    if (running || endWait !== null || queue.length === 0 || given.signal.aborted) return;
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
    resume: () => {
      endWait?.();
      endWait = null;
      failures = 0;
      next();
    },
    stop: () => {
      given.abort();
      endWait?.();
    },
  };
};
