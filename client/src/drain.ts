import type { Id, Message } from '@sori/contract';
import { type ApiError, needsSignIn, passes, toApiError } from './api-error.js';
import { itemOf, nextToSend, type OutboxItem } from './outbox.js';
import type { HeldOutbox } from './held-outbox.js';
import type { Clock } from './clock.js';
import { backOff } from './back-off.js';

type Deps = {
  outbox: HeldOutbox;
  clock: Pick<Clock, 'after' | 'random'>;
  send: (item: OutboxItem) => Promise<Message>;
  /** Settles when the item is where a reload finds it again. Nothing is sent before. */
  kept: (item: OutboxItem) => Promise<void>;
  isConnected: () => boolean;
  /** One tab sends for all of them. */
  leads: () => boolean;
  /** This tab is the one from now on, or as soon as the browser gives it. */
  takeLead: () => void;
  /** Another tab wrote it, and sees to it itself. */
  isOthers: (item: OutboxItem) => boolean;
  sent: (item: OutboxItem, message: Message) => void;
};

export type Drain = {
  /** Sends what can be sent now: something was written, or this tab leads from now on. */
  look: () => void;
  /** The line is there again: nobody waits out a delay that was meant for its absence. */
  resume: () => void;
  stop: () => void;
};

/** So long, in milliseconds, the tab that leads is given for a message that this one could send. */
const leaveMs = 5_000;

/**
 * Sends what waits in the outbox: per conversation one at a time and in order, again after a failure that passes, not
 * at all until the person signed in again, and past a message that was refused for good.
 *
 * The tab that leads may not hear of what was written in this one (no BroadcastChannel), or be frozen, or have no line: this
 * one then takes its place. Should that one send it after all, it is a repeat, which the server knows by its `clientId`.
 */
export const createDrain = (deps: Deps): Drain => {
  const { outbox, clock, send, kept, isConnected, leads, takeLead, isOthers, sent } = deps;
  const inFlight = new Set<string>();
  const attempts = new Map<string, number>();
  /** Items whose delay runs; while it does, nothing overtakes them. */
  const held = new Map<string, () => void>();
  /** Items that are left to the tab that leads, for as long as it is given. */
  const left = new Map<string, () => void>();
  let signInNeeded = false;
  let stopped = false;

  const look = () => {
    if (stopped || signInNeeded || !isConnected()) return;
    for (const item of nextToSend(outbox.current(), inFlight)) {
      if (held.has(item.clientId)) continue;
      if (leads()) void attempt(item);
      else leave(item);
    }
  };

  const leave = ({ clientId }: OutboxItem) => {
    if (left.has(clientId)) return;
    const waited = () => {
      left.delete(clientId);
      if (stopped || signInNeeded || !isConnected()) return;
      // Whatever goes on in a conversation meanwhile is a sign that somebody sends it.
      const now = outbox.current();
      const item = nextToSend(now, inFlight).find((next) => next.clientId === clientId);
      const isOurs = now[item?.lane ?? '']?.some((one) => one.state === 'waiting' && !isOthers(one));
      if (isOurs === true && !leads()) takeLead();
      look();
    };
    left.set(clientId, clock.after(leaveMs, waited));
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
    if (itemOf(outbox.current(), clientId)?.state !== 'waiting') return;
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
      outbox.refused(clientId, error);
    }
  };

  const release = () => {
    for (const timers of [held, left]) {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    }
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
