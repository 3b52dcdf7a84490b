import type { Id } from '@sori/contract';
import { toApiError } from '../api/ApiError';
import { myPositions } from '../store/conversation';
import { myId } from '../store/state';
import type { Store } from '../store/store';
import type { Clock } from './clock';
import { backOff, passes, type Ask } from './connection';

/** Scrolling through a hundred unread messages tells the server a few times, not a hundred. */
const gatherMs = 150;

export type Readings = {
  /** The person saw everything up to that seq. */
  seen: (conversationId: Id, seq: number) => void;
  /** It was marked as unread: what was seen before is not to be told after that. */
  forget: (conversationId: Id) => void;
  resume: () => void;
  stop: () => void;
};

/** Read positions on their way to the server. The badge here follows at once; the server is told as soon as it can be. */
export const createReadings = (deps: { store: Store; ask: Ask; clock: Clock }): Readings => {
  const { store, ask, clock } = deps;
  const wanted = new Map<Id, number>();
  let cancel: (() => void) | null = null;
  /** Something was seen since the server was last told. */
  let untold = false;
  let stopped = false;
  let cancelRetry: (() => void) | null = null;
  let failures = 0;

  /** The first is told at once: whoever closes the page right after a look has read it. What follows goes together. */
  const soon = () => {
    untold = true;
    if (cancel !== null) return;
    flush();
    cancel = clock.after(gatherMs, () => {
      cancel = null;
      if (untold) soon();
    });
  };

  const flush = () => {
    cancelRetry?.();
    cancelRetry = null;
    untold = false;
    for (const [conversationId, seq] of wanted) void tell(conversationId, seq);
  };

  const tell = async (conversationId: Id, seq: number) => {
    try {
      const positions = await ask('read:set', { conversationId, seq });
      if (stopped) return;
      failures = 0;
      store.getState().positionsTold({ conversationId, userId: myId(store.getState()), ...positions });
    } catch (thrown) {
      if (stopped) return;
      // What passes is told again, sooner where the line comes back; what does not is about a conversation that is no
      // longer ours.
      const error = toApiError(thrown);
      if (passes(error)) {
        retryAfter(error.retryAfterMs ?? 0);
        return;
      }
    }
    if (wanted.get(conversationId) === seq) wanted.delete(conversationId);
  };

  const retryAfter = (ms: number) => {
    if (cancelRetry !== null) return;
    cancelRetry = clock.after(Math.max(ms, backOff(failures, clock.random)), flush);
    failures += 1;
  };

  return {
    seen: (conversationId, seq) => {
      const state = store.getState();
      const held = state.conversations[conversationId];
      if (held === undefined) return;
      const { conversation } = held;
      const { readSeq } = myPositions(conversation, myId(state));
      if (conversation.unreadFromSeq === undefined && (seq <= readSeq || conversation.unread === 0)) return;
      state.wasRead(conversationId, seq);
      wanted.set(conversationId, Math.max(seq, wanted.get(conversationId) ?? 0));
      soon();
    },
    forget: (conversationId) => wanted.delete(conversationId),
    resume: flush,
    stop: () => {
      stopped = true;
      cancel?.();
      cancelRetry?.();
      wanted.clear();
    },
  };
};
