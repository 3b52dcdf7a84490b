import { ApiError, type Ask, type Change, createClientId, type PendingChange, waitedFor } from '@sori/client';
import type { Message } from '@sori/contract';
import type { ChangesStorage } from './changesStorage';
import type { Store } from '../../store/state';
import type { Clock } from '../../device/clock';
import { createChangeQueues, type Job } from './changeQueues';

export type Changes = {
  /**
   * Shown at once, and stored as soon as the server can be asked; what is asked of one message is done in that order.
   * @throws ApiError where the server refuses it for good: then it is not shown any more. `ABORTED` where the person
   * signed out before.
   */
  make: (message: Pick<Message, '_id' | 'conversationId'>, change: Change) => Promise<void>;
  /** The connection is there again: nobody waits out a delay that was meant for its absence. */
  resume: () => void;
  stop: () => void;
};

type Deps = {
  store: Store;
  ask: Ask;
  clock: Clock;
  isConnected: () => boolean;
  /** Where they wait while there is no connection, also over a reload; null: nowhere. */
  storage: Promise<ChangesStorage> | null;
};

/** Nobody waits for it any more: where the server refuses it, it is not shown from then on. */
const forNobody = (pending: PendingChange): Job => ({
  pending,
  attempt: 0,
  done: () => undefined,
  failed: () => undefined,
});

/** What this person does to messages that are there: edits, deletions, reactions, pins. */
export const createChanges = ({ store, ask, clock, isConnected, storage }: Deps): Changes => {
  let stopped = false;
  /** What was kept goes first: a later change of the same message must not be overtaken by an earlier one. */
  let isLoaded = storage === null;
  let order = 0;

  /** One after the other, behind what was kept; a browser that keeps nothing must not stop what is done. */
  let work: Promise<unknown> = Promise.resolve();
  const keep = (task: (opened: ChangesStorage) => Promise<unknown>) => {
    if (storage === null) return;
    work = work
      .then(() => storage)
      .then(task)
      .catch(() => undefined);
  };
  const isOver = ({ clientId }: PendingChange) => keep((opened) => opened.remove(clientId));
  const queues = createChangeQueues({ store, ask, clock, isConnected, isReady: () => isLoaded, isOver });

  /** What this device kept: asked before this page was opened, and before whatever was asked since. */
  const load = async (opened: ChangesStorage): Promise<void> => {
    const kept = await opened.load();
    if (stopped) return;
    order = kept.at(-1)?.order ?? 0;
    if (isLoaded) {
      loadedLate(kept);
      return;
    }
    const asked = queues.empty();
    for (const { pending } of asked) store.getState().changeRefused(pending);
    for (const job of [...kept.map(forNobody), ...asked]) queues.enqueue(job);
  };
  /** It was not waited for any longer: what is asked of a message meanwhile is later than what was kept of it. */
  const loadedLate = (kept: readonly PendingChange[]) => {
    const overtaken = new Set(queues.messages());
    for (const pending of kept)
      if (overtaken.has(pending.messageId)) isOver(pending);
      else queues.enqueue(forNobody(pending));
    for (const messageId of queues.messages()) if (!overtaken.has(messageId)) queues.attempt(messageId);
  };
  if (!isLoaded) {
    keep(load);
    void waitedFor(clock, work).then(() => {
      isLoaded = true;
      for (const messageId of queues.messages()) queues.attempt(messageId);
    });
  }

  return {
    make: ({ _id: messageId, conversationId }, change) =>
      new Promise((done, failed) => {
        const askedAt = new Date(clock.server.now()).toISOString();
        const pending = { clientId: createClientId(), conversationId, messageId, change, askedAt };
        const isFirst = !queues.messages().includes(messageId);
        queues.enqueue({ pending, attempt: 0, done, failed });
        keep((opened) => {
          order += 1;
          return opened.put({ ...pending, order });
        });
        if (isFirst) queues.attempt(messageId);
      }),
    resume: queues.resume,
    stop: () => {
      stopped = true;
      queues.stop();
      const error = new ApiError('ABORTED', 'No longer wanted');
      for (const { failed } of queues.empty()) failed(error);
      keep((opened) => {
        opened.close();
        return Promise.resolve();
      });
    },
  };
};
