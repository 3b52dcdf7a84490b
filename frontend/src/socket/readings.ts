import type { Id } from '@sori/contract';
import { toApiError } from '../api/ApiError';
import { myPositions } from '../store/conversation';
import { myId } from '../store/state';
import type { Store } from '../store/store';
import type { Clock } from './clock';
import { passes, type Ask } from './connection';

/** Scrolling through a hundred unread messages tells the server a few times, not a hundred. */
const gatherMs = 150;

export type Readings = {
  /** The person saw everything up to that seq. */
  seen: (conversationId: Id, seq: number) => void;
  resume: () => void;
  stop: () => void;
};

/** Read positions on their way to the server. The badge here follows at once; the server is told soon, or when it can be. */
export const createReadings = (deps: { store: Store; ask: Ask; clock: Clock }): Readings => {
  const { store, ask, clock } = deps;
  const wanted = new Map<Id, number>();
  let cancel: (() => void) | null = null;
  let stopped = false;

  const flush = () => {
    cancel = null;
    for (const [conversationId, seq] of wanted) void tell(conversationId, seq);
  };

  const tell = async (conversationId: Id, seq: number) => {
    try {
      const positions = await ask('read:set', { conversationId, seq });
      if (stopped) return;
      store.getState().positionsTold({ conversationId, userId: myId(store.getState()), ...positions });
    } catch (thrown) {
      // What passes is told when the line is back; what does not is about a conversation that is no longer ours.
      if (passes(toApiError(thrown))) return;
    }
    if (wanted.get(conversationId) === seq) wanted.delete(conversationId);
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
