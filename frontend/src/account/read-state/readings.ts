import { type Ask, backOff, myPositions, passes, readUpTo, toApiError } from '@sori/client';
import type { Conversation, Id, Message } from '@sori/contract';
import { myId, type State, type Store } from '../../store/state';
import type { Clock } from '../../device/clock';

/** Scrolling through a hundred unread messages tells the server a few times, not a hundred. */
const gatherMs = 150;

export type Readings = {
  /** The person saw these messages: what they have read ends where the unbroken stretch of those ends. */
  seen: (conversationId: Id, seqs: readonly number[]) => void;
  /** The person went to the end by themselves: whatever is known of by now is read, seen or not. */
  readAll: (conversationId: Id) => void;
  /** The server described it, and that was taken in: what it had not heard of what was read here, it is told. */
  described: (conversation: Conversation) => void;
  /** It was marked as unread: what was seen before is not to be told after that. */
  forget: (conversationId: Id) => void;
  resume: () => void;
  stop: () => void;
};

/** Nothing above it is missed by who has seen those: it is their own, or there is nothing to see. */
const isPassed = ({ seq, senderId, deletedAt }: Message, me: Id, seen: ReadonlySet<number>): boolean =>
  seen.has(seq) || senderId === me || deletedAt !== undefined;

/** Where the unbroken stretch of what was seen ends that begins behind `from`. */
const endOfSeen = (
  { windows, me }: Pick<State, 'windows' | 'me'>,
  conversationId: Id,
  from: number,
  seen: ReadonlySet<number>,
): number => {
  const window = windows[conversationId];
  if (window?.loaded !== true) return from;
  const [first] = window.messages;
  // Between what was read and what is here there may be more.
  if (first === undefined || (window.hasOlder && first.seq > from + 1)) return from;
  let end = from;
  for (const message of window.messages) {
    if (message.seq <= from) continue;
    if (!isPassed(message, myId({ me }), seen)) break;
    end = message.seq;
  }
  return end;
};

/** Where the reading goes on from, or null where there is nothing left to read. */
const readSoFar = (state: State, conversationId: Id): { upTo: number; headSeq: number } | null => {
  const held = state.conversations[conversationId];
  if (held === undefined) return null;
  const { conversation, countedSeq } = held;
  if (conversation.unread === 0 && conversation.unreadFromSeq === undefined) return null;
  const headSeq = Math.max(conversation.headSeq, countedSeq);
  return { upTo: readUpTo(conversation, myId(state)), headSeq };
};

/** How far was read here, where that is further than the server describes; else null. */
const readBeyond = (state: State, { _id, members, unreadFromSeq }: Conversation): number | null => {
  const received = members.find(({ userId }) => userId === myId(state));
  const held = state.conversations[_id];
  if (received === undefined || held === undefined) return null;
  // Marked as unread, here or elsewhere: telling an old reading now would undo that.
  if ((unreadFromSeq ?? held.conversation.unreadFromSeq) !== undefined) return null;
  const { readSeq } = myPositions(held.conversation, myId(state));
  return readSeq > received.readSeq ? readSeq : null;
};

/** Read positions on their way to the server. The badge here follows at once; the server is told as soon as it can be. */
export const createReadings = (deps: { store: Store; ask: Ask; clock: Clock }): Readings => {
  const { store, ask, clock } = deps;
  const wanted = new Map<Id, number>();
  /** So far the server has answered, whatever it made of it: that is told once. At most one for each conversation. */
  const answered = new Map<Id, number>();
  /** What was seen of the conversation that was looked at last, beyond what is read there. */
  let seen: { conversationId: Id; seqs: Set<number> } = { conversationId: '', seqs: new Set() };
  let cancel: (() => void) | null = null;
  /** Something was seen since the server was last told. */
  let unsent = false;
  let stopped = false;
  let cancelRetry: (() => void) | null = null;
  let failures = 0;

  /** The first is told at once: whoever closes the page right after a look has read it. What follows goes together. */
  const soon = () => {
    unsent = true;
    if (cancel !== null) return;
    flush();
    cancel = clock.after(gatherMs, () => {
      cancel = null;
      if (unsent) soon();
    });
  };

  const flush = () => {
    cancelRetry?.();
    cancelRetry = null;
    unsent = false;
    for (const [conversationId, seq] of wanted) void send(conversationId, seq);
  };

  const send = async (conversationId: Id, seq: number) => {
    try {
      const positions = await ask('read:set', { conversationId, seq });
      if (stopped) return;
      failures = 0;
      store.getState().positionsReceived({ conversationId, userId: myId(store.getState()), ...positions });
    } catch (thrown) {
      if (stopped) return;
      // What passes is told again, sooner where the connection comes back; what does not is about a conversation that is
      // no longer ours.
      const error = toApiError(thrown);
      if (passes(error)) {
        retryAfter(error.retryAfterMs ?? 0);
        return;
      }
    }
    answered.set(conversationId, Math.max(seq, answered.get(conversationId) ?? 0));
    if (wanted.get(conversationId) === seq) wanted.delete(conversationId);
  };

  const retryAfter = (ms: number) => {
    if (cancelRetry !== null) return;
    cancelRetry = clock.after(Math.max(ms, backOff(failures, clock.random)), flush);
    failures += 1;
  };

  const move = (conversationId: Id, seq: number) => {
    store.getState().wasRead(conversationId, seq);
    wanted.set(conversationId, Math.max(seq, wanted.get(conversationId) ?? 0));
    soon();
  };

  return {
    seen: (conversationId, seqs) => {
      const before = readSoFar(store.getState(), conversationId);
      if (before === null) return;
      const known = seen.conversationId === conversationId ? seen.seqs : [];
      const now = new Set([...known, ...seqs].filter((seq) => seq > before.upTo));
      seen = { conversationId, seqs: now };
      const end = endOfSeen(store.getState(), conversationId, before.upTo, now);
      if (end > before.upTo) move(conversationId, end);
    },
    readAll: (conversationId) => {
      const before = readSoFar(store.getState(), conversationId);
      if (before !== null) move(conversationId, before.headSeq);
    },
    described: (conversation) => {
      const { _id } = conversation;
      const readSeq = readBeyond(store.getState(), conversation);
      const onItsWay = Math.max(wanted.get(_id) ?? 0, answered.get(_id) ?? 0);
      if (readSeq === null || readSeq <= onItsWay) return;
      wanted.set(_id, readSeq);
      soon();
    },
    forget: (conversationId) => {
      wanted.delete(conversationId);
      if (seen.conversationId === conversationId) seen.seqs.clear();
    },
    resume: flush,
    stop: () => {
      stopped = true;
      cancel?.();
      cancelRetry?.();
      wanted.clear();
    },
  };
};
