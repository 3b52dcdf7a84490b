import { ApiError, backOff, type Pace, passes, toApiError } from '@sori/client';
import type { Conversation, Id } from '@sori/contract';
import type { Api } from '../../api/api';
import type { Clock } from '../../device/clock';
import type { Store } from '../../store/state';

type Deps = {
  store: Store;
  api: Pick<Api, 'conversation'>;
  clock: Clock;
  pace: Pace;
  /** Nothing is wanted any more. */
  signal: AbortSignal;
  /** The server described these, and the store has them. */
  described: (conversations: readonly Conversation[]) => void;
  /** It is not there, or not the caller's to know of. */
  gone: (conversationId: Id) => void;
};

export type Describing = {
  /** Something is asked now. @returns whether what the answer says of a conversation counts: it was not taken away meanwhile. */
  question: () => (conversation: Conversation) => boolean;
  /** Asks for it now. Throws the ApiError; twice at once asks once. */
  describe: (conversationId: Id) => Promise<void>;
  /** For those who do not wait for it: when it is its turn, and again while that can help. */
  quietly: (conversationId: Id) => void;
  /** The same, after that long; once for several reasons. */
  soon: (conversationId: Id, delayMs: number) => void;
  /** It was taken away: what was asked before may still tell of it. */
  forget: (conversationId: Id) => void;
  stop: () => void;
};

/** Asks the server for conversations one by one. */
export const createDescribing = (deps: Deps): Describing => {
  const { store, api, clock, pace, signal, described, gone } = deps;
  const asking = new Map<Id, Promise<void>>();
  const timers = new Map<Id, () => void>();
  /** Their turn has not come yet: what is asked then is new enough for all who want it now. */
  const queued = new Set<Id>();
  /** Questions asked so far, and how many they were when a conversation was taken away. */
  let questions = 0;
  const taken = new Map<Id, number>();
  const question = () => {
    const number = (questions += 1);
    return ({ _id }: Conversation): boolean => (taken.get(_id) ?? 0) < number;
  };

  const describe = (conversationId: Id): Promise<void> => {
    const running = asking.get(conversationId);
    if (running !== undefined) return running;
    const counts = question();
    const asked = api
      .conversation(conversationId, signal)
      .then((conversation) => {
        if (signal.aborted || !counts(conversation)) throw new ApiError('ABORTED', 'No longer wanted');
        store.getState().conversationsReceived([conversation]);
        described([conversation]);
      })
      .finally(() => asking.delete(conversationId));
    asking.set(conversationId, asked);
    return asked;
  };

  const quietly = (conversationId: Id, attempt: number) => {
    if (queued.has(conversationId)) return;
    queued.add(conversationId);
    pace(() => {
      queued.delete(conversationId);
      if (!signal.aborted) askQuietly(conversationId, attempt);
    });
  };
  const askQuietly = (conversationId: Id, attempt: number) => {
    const held = () => store.getState().conversations[conversationId];
    const before = held();
    describe(conversationId).catch((thrown: unknown) => {
      if (signal.aborted) return;
      const error = toApiError(thrown);
      if (error.code === 'NOT_FOUND') {
        if (held() === before) gone(conversationId);
        // Somebody was taken in again while that was on its way: it may be from before.
        else quietly(conversationId, attempt);
      }
      if (passes(error)) soon(conversationId, backOff(attempt, clock.random), attempt + 1);
    });
  };
  const soon = (conversationId: Id, delay: number, attempt: number) => {
    if (timers.has(conversationId)) return;
    timers.set(
      conversationId,
      clock.after(delay, () => {
        timers.delete(conversationId);
        quietly(conversationId, attempt);
      }),
    );
  };

  return {
    question,
    describe,
    quietly: (conversationId) => quietly(conversationId, 0),
    soon: (conversationId, delayMs) => soon(conversationId, delayMs, 0),
    forget: (conversationId) => void taken.set(conversationId, questions),
    stop: () => {
      for (const cancel of timers.values()) cancel();
    },
  };
};
