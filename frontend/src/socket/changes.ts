import type { Id, Message } from '@sori/contract';
import { ApiError, toApiError } from '../api/ApiError';
import type { Change, PendingChange } from '../store/changes';
import type { Store } from '../store/store';
import { createClientId } from './clientId';
import type { Clock } from './clock';
import { backOff, needsSignIn, passes, type Ask } from './connection';

export type Changes = {
  /**
   * Shown at once, and stored as soon as the server can be asked; what is asked of one message is done in that order.
   * @throws ApiError where the server refuses it for good: then it is not shown any more. `ABORTED` where the person
   * signed out before.
   */
  make: (message: Message, change: Change) => Promise<void>;
  /** The line is there again: nobody waits out a delay that was meant for its absence. */
  resume: () => void;
  stop: () => void;
};

type Job = { pending: PendingChange; attempt: number; done: () => void; failed: (error: ApiError) => void };
type Deps = { store: Store; ask: Ask; clock: Clock; isConnected: () => boolean };

/** What this person does to messages that are there: edits, deletions, reactions, pins. */
export const createChanges = ({ store, ask, clock, isConnected }: Deps): Changes => {
  /** By message, oldest first; the first one is on its way, or waits for its next try. */
  const lanes = new Map<Id, Job[]>();
  /** Lanes whose first one is not on its way, with what ends its waiting. */
  const waiting = new Map<Id, () => void>();
  let stopped = false;

  const send = async ({ pending }: Job): Promise<Message> => {
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

  const attempt = async (messageId: Id): Promise<void> => {
    const job = lanes.get(messageId)?.[0];
    if (job === undefined || stopped) return;
    waiting.delete(messageId);
    try {
      const message = await send(job);
      if (isStopped()) return;
      store.getState().changeStored(job.pending, message);
      job.done();
    } catch (thrown) {
      if (isStopped()) return;
      const error = toApiError(thrown);
      if (passes(error) || needsSignIn(error)) {
        holdBack(messageId, job, error);
        return;
      }
      store.getState().changeRefused(job.pending);
      job.failed(error);
    }
    next(messageId);
  };
  const isStopped = () => stopped;

  const holdBack = (messageId: Id, job: Job, error: ApiError) => {
    const delay = Math.max(error.retryAfterMs ?? 0, backOff(job.attempt, clock.random));
    job.attempt += 1;
    // Without a line there is nothing to try: the next one calls `resume`.
    const again = () => void attempt(messageId);
    waiting.set(messageId, isConnected() ? clock.after(delay, again) : () => undefined);
  };

  const next = (messageId: Id) => {
    const left = lanes.get(messageId)?.slice(1) ?? [];
    if (left.length === 0) lanes.delete(messageId);
    else {
      lanes.set(messageId, left);
      void attempt(messageId);
    }
  };

  const release = () => {
    for (const cancel of waiting.values()) cancel();
    waiting.clear();
  };

  return {
    make: ({ _id: messageId, conversationId }, change) =>
      new Promise((done, failed) => {
        const askedAt = new Date(clock.now()).toISOString();
        const pending = { clientId: createClientId(), conversationId, messageId, change, askedAt };
        store.getState().changeAsked(pending);
        const lane = lanes.get(messageId) ?? [];
        lanes.set(messageId, [...lane, { pending, attempt: 0, done, failed }]);
        if (lane.length === 0) void attempt(messageId);
      }),
    resume: () => {
      const held = [...waiting.keys()];
      release();
      for (const messageId of held) void attempt(messageId);
    },
    stop: () => {
      stopped = true;
      release();
      const error = new ApiError('ABORTED', 'No longer wanted');
      for (const lane of lanes.values()) for (const { failed } of lane) failed(error);
      lanes.clear();
    },
  };
};
