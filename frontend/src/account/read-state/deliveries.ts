import { type Ask, backOff, myPositions, passes, toApiError } from '@sori/client';
import type { Id } from '@sori/contract';
import { myId, type Store } from '../../store/state';
import type { Clock } from '../../device/clock';

/** A burst is told once, and less urgently than what somebody read. */
const gatherMs = 300;

export type Deliveries = {
  /** This device keeps what was said there up to that seq. */
  stored: (conversationId: Id, seq: number) => void;
  resume: () => void;
  stop: () => void;
};

/** Tells what has arrived on this device, so that who wrote it sees the second tick. It never falls. */
export const createDeliveries = (deps: { store: Store; ask: Ask; clock: Clock }): Deliveries => {
  const { store, ask, clock } = deps;
  const wanted = new Map<Id, number>();
  let cancel: (() => void) | null = null;
  let stopped = false;
  let failures = 0;

  const flush = () => {
    cancel?.();
    cancel = null;
    // Who shares no receipts tells none. Others' are not shown either.
    if (store.getState().settings?.receipts === false) wanted.clear();
    for (const [conversationId, seq] of wanted) void send(conversationId, seq);
  };

  const send = async (conversationId: Id, seq: number) => {
    try {
      const positions = await ask('delivered:set', { conversationId, seq });
      if (stopped) return;
      failures = 0;
      store.getState().positionsReceived({ conversationId, userId: myId(store.getState()), ...positions });
    } catch (thrown) {
      if (stopped) return;
      const error = toApiError(thrown);
      if (passes(error)) {
        // Again, with whatever else has come by then.
        if (cancel !== null) return;
        cancel = clock.after(Math.max(error.retryAfterMs ?? 0, backOff(failures, clock.random)), flush);
        failures += 1;
        return;
      }
    }
    if (wanted.get(conversationId) === seq) wanted.delete(conversationId);
  };

  return {
    stored: (conversationId, seq) => {
      const state = store.getState();
      const conversation = state.conversations[conversationId]?.conversation;
      if (conversation === undefined) return;
      const { readSeq, deliveredSeq } = myPositions(conversation, myId(state));
      if (seq <= Math.max(readSeq, deliveredSeq, wanted.get(conversationId) ?? 0)) return;
      wanted.set(conversationId, seq);
      cancel ??= clock.after(gatherMs, flush);
    },
    resume: flush,
    stop: () => {
      stopped = true;
      cancel?.();
      wanted.clear();
    },
  };
};
