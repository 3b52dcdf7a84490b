import {
  ApiError,
  type Ask,
  backOff,
  type Change,
  createClientId,
  needsSignIn,
  passes,
  type PendingChange,
  toApiError,
  waitedFor,
} from '@sori/client';
import type { Id, Message } from '@sori/contract';
import type { ChangesStorage } from '../store/changesStorage';
import type { Store } from '../store/store';
import type { Clock } from '../device/clock';

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

type Job = { pending: PendingChange; attempt: number; done: () => void; failed: (error: ApiError) => void };
type Deps = {
  store: Store;
  ask: Ask;
  clock: Clock;
  isConnected: () => boolean;
  /** Where they wait while there is no connection, also over a reload; null: nowhere. */
  storage: Promise<ChangesStorage> | null;
};

/** What this person does to messages that are there: edits, deletions, reactions, pins. */
export const createChanges = ({ store, ask, clock, isConnected, storage }: Deps): Changes => {
  /** By message, oldest first; the first one is on its way, or waits for its next try. */
  const lanes = new Map<Id, Job[]>();
  /** Lanes whose first one is not on its way, with what ends its waiting. */
  const waiting = new Map<Id, () => void>();
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
    if (job === undefined || stopped || !isLoaded) return;
    waiting.delete(messageId);
    try {
      const message = await send(job);
      if (isStopped()) return;
      isOver(job.pending);
      store.getState().changeStored(job.pending, message);
      job.done();
    } catch (thrown) {
      if (isStopped()) return;
      const error = toApiError(thrown);
      if (passes(error) || needsSignIn(error)) {
        holdBack(messageId, job, error);
        return;
      }
      isOver(job.pending);
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

  /** What this device kept: asked before this page was opened, and before whatever was asked since. */
  const load = async (opened: ChangesStorage): Promise<void> => {
    const kept = await opened.load();
    if (isStopped()) return;
    order = kept.at(-1)?.order ?? 0;
    if (isLoaded) {
      loadedLate(kept);
      return;
    }
    const asked = [...lanes.values()].flat();
    for (const { pending } of asked) store.getState().changeRefused(pending);
    lanes.clear();
    // Nobody waits any more for these: where the server refuses one, it is not shown from then on.
    const forNobody = kept.map((pending) => ({
      pending,
      attempt: 0,
      done: () => undefined,
      failed: () => undefined,
    }));
    for (const job of [...forNobody, ...asked]) enqueue(job);
  };
  /** It was not waited for any longer: what is asked of a message meanwhile is later than what was kept of it. */
  const loadedLate = (kept: readonly PendingChange[]) => {
    const overtaken = new Set(lanes.keys());
    for (const pending of kept)
      if (overtaken.has(pending.messageId)) isOver(pending);
      else enqueue({ pending, attempt: 0, done: () => undefined, failed: () => undefined });
    for (const messageId of lanes.keys()) if (!overtaken.has(messageId)) void attempt(messageId);
  };
  const enqueue = (job: Job) => {
    const { messageId } = job.pending;
    store.getState().changeAsked(job.pending);
    lanes.set(messageId, [...(lanes.get(messageId) ?? []), job]);
  };
  if (!isLoaded) {
    keep(load);
    void waitedFor(clock, work).then(() => {
      isLoaded = true;
      for (const messageId of lanes.keys()) void attempt(messageId);
    });
  }

  return {
    make: ({ _id: messageId, conversationId }, change) =>
      new Promise((done, failed) => {
        const askedAt = new Date(clock.server.now()).toISOString();
        const pending = { clientId: createClientId(), conversationId, messageId, change, askedAt };
        const isFirst = !lanes.has(messageId);
        enqueue({ pending, attempt: 0, done, failed });
        keep((opened) => {
          order += 1;
          return opened.put({ ...pending, order });
        });
        if (isFirst) void attempt(messageId);
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
      keep((opened) => {
        opened.close();
        return Promise.resolve();
      });
    },
  };
};
