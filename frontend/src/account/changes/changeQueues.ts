import {
  type ApiError,
  type Ask,
  backOff,
  needsSignIn,
  passes,
  type PendingChange,
  toApiError,
} from '@sori/client';
import type { Id, Message } from '@sori/contract';
import type { Clock } from '../../device/clock';
import type { Store } from '../../store/state';

/** A change that somebody waits for. */
export type Job = {
  pending: PendingChange;
  attempt: number;
  done: () => void;
  failed: (error: ApiError) => void;
};

type Deps = {
  store: Store;
  ask: Ask;
  clock: Clock;
  isConnected: () => boolean;
  /** Nothing is asked before that. */
  isReady: () => boolean;
  /** The server has stored it, or refused it for good. */
  isOver: (pending: PendingChange) => void;
};

export type ChangeQueues = {
  /** Shown at once; asked for with `attempt`. */
  enqueue: (job: Job) => void;
  /** Asks for the first one of that message, where it is not on its way. */
  attempt: (messageId: Id) => void;
  messages: () => Id[];
  /** Takes all of them out. */
  empty: () => Job[];
  /** Nobody waits for a next try any longer. */
  resume: () => void;
  stop: () => void;
};

const send = async (ask: Ask, { pending }: Job): Promise<Message> => {
  const { change, messageId, clientId } = pending;
  switch (change.kind) {
    case 'edit':
      return (await ask('message:edit', { messageId, message: change.text, clientId })).message;
    case 'delete':
      return (await ask('message:delete', { messageId, clientId })).message;
    case 'react':
      return (await ask('message:react', { messageId, emojis: [...change.emojis], clientId })).message;
    case 'pin':
      return (await ask('message:pin', { messageId, pinned: change.pinned, clientId })).message;
  }
};

/** Changes on their way: those of one message one after the other. */
export const createChangeQueues = (deps: Deps): ChangeQueues => {
  const { store, ask, clock, isConnected } = deps;
  /** By message, oldest first; the first one is on its way, or waits for its next try. */
  const queues = new Map<Id, Job[]>();
  /** Messages whose first one is not on its way, with what ends its waiting. */
  const waiting = new Map<Id, () => void>();
  let stopped = false;

  const attempt = async (messageId: Id): Promise<void> => {
    const job = queues.get(messageId)?.[0];
    if (job === undefined || stopped || !deps.isReady()) return;
    waiting.delete(messageId);
    try {
      const message = await send(ask, job);
      if (isStopped()) return;
      deps.isOver(job.pending);
      store.getState().changeStored(job.pending, message);
      job.done();
    } catch (thrown) {
      if (isStopped()) return;
      const error = toApiError(thrown);
      if (passes(error) || needsSignIn(error)) {
        holdBack(messageId, job, error);
        return;
      }
      deps.isOver(job.pending);
      store.getState().changeRefused(job.pending);
      store.getState().editRefused(job.pending);
      job.failed(error);
    }
    next(messageId);
  };
  const isStopped = () => stopped;

  const holdBack = (messageId: Id, job: Job, error: ApiError) => {
    const delay = Math.max(error.retryAfterMs ?? 0, backOff(job.attempt, clock.random));
    job.attempt += 1;
    // Without a connection there is nothing to try: the next one calls `resume`.
    const again = () => void attempt(messageId);
    waiting.set(messageId, isConnected() ? clock.after(delay, again) : () => undefined);
  };

  const next = (messageId: Id) => {
    const left = queues.get(messageId)?.slice(1) ?? [];
    if (left.length === 0) queues.delete(messageId);
    else {
      queues.set(messageId, left);
      void attempt(messageId);
    }
  };

  const release = () => {
    for (const cancel of waiting.values()) cancel();
    waiting.clear();
  };

  const enqueue = (job: Job) => {
    const { messageId } = job.pending;
    store.getState().changeAsked(job.pending);
    queues.set(messageId, [...(queues.get(messageId) ?? []), job]);
  };
  return {
    enqueue,
    attempt: (messageId) => void attempt(messageId),
    messages: () => [...queues.keys()],
    empty: () => {
      const all = [...queues.values()].flat();
      queues.clear();
      return all;
    },
    resume: () => {
      const held = [...waiting.keys()];
      release();
      for (const messageId of held) void attempt(messageId);
    },
    stop: () => {
      stopped = true;
      release();
    },
  };
};
