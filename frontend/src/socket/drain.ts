import type { Id, Message } from '@sori/contract';
import { toApiError, type ApiError } from '../api/ApiError';
import { itemOf, nextToSend, type OutboxItem } from '../store/outbox';
import type { Store } from '../store/store';
import type { Clock } from './clock';
import { backOff, needsSignIn, passes } from './connection';

type Deps = {
  store: Store;
  clock: Clock;
  send: (item: OutboxItem) => Promise<Message>;
  /** Settles when the item is where a reload finds it again. Nothing is sent before. */
  kept: (item: OutboxItem) => Promise<void>;
  isConnected: () => boolean;
  /** One tab sends for all of them. */
  leads: () => boolean;
  sent: (item: OutboxItem, message: Message) => void;
};

export type Drain = {
  /** Sends what can be sent now: something was written, or this tab leads from now on. */
  look: () => void;
  /** The line is there again: nobody waits out a delay that was meant for its absence. */
  resume: () => void;
  stop: () => void;
};

/**
 * Sends what waits in the outbox: per conversation one at a time and in order, again after a failure that passes, not
 * at all until the person signed in again, and past a message that was refused for good.
 */
export const createDrain = ({ store, clock, send, kept, isConnected, leads, sent }: Deps): Drain => {
  const inFlight = new Set<string>();
  const attempts = new Map<string, number>();
  /** Items whose delay runs; while it does, nothing overtakes them. */
  const held = new Map<string, () => void>();
  let signInNeeded = false;
  let stopped = false;

  const look = () => {
    if (stopped || signInNeeded || !isConnected() || !leads()) return;
    for (const item of nextToSend(store.getState().outbox, inFlight))
      if (!held.has(item.clientId)) void attempt(item);
  };

  const attempt = async (item: OutboxItem): Promise<void> => {
    const { clientId } = item;
    inFlight.add(clientId);
    try {
      await kept(item);
      const message = await send(item);
      attempts.delete(clientId);
      if (!stopped) sent(item, message);
    } catch (thrown) {
      if (!stopped) failed(clientId, toApiError(thrown));
    } finally {
      inFlight.delete(clientId);
      look();
    }
  };

  const failed = (clientId: Id, error: ApiError) => {
    // Its echo came while the answer was lost: it is there.
    if (itemOf(store.getState().outbox, clientId)?.state !== 'waiting') return;
    if (needsSignIn(error)) signInNeeded = true;
    else if (passes(error)) {
      const before = attempts.get(clientId) ?? 0;
      attempts.set(clientId, before + 1);
      const delay = Math.max(error.retryAfterMs ?? 0, backOff(before, clock.random));
      held.set(
        clientId,
        clock.after(delay, () => {
          held.delete(clientId);
          look();
        }),
      );
    } else {
      attempts.delete(clientId);
      store.getState().messageRefused(clientId, error);
    }
  };

  const release = () => {
    for (const cancel of held.values()) cancel();
    held.clear();
    attempts.clear();
  };

  return {
    look,
    resume: () => {
      signInNeeded = false;
      release();
      look();
    },
    stop: () => {
      stopped = true;
      release();
    },
  };
};
