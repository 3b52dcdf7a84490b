import { isMuted } from '../notifications/notificationRules';
import {
  conversationReceived,
  type HeldConversation,
  outboxRules,
  positionsReceived,
  readUpTo,
} from '@sori/client';
import type { Conversation, Id } from '@sori/contract';
import { draftsMoved } from '../drafts/draftsSlice';
import { chosenMoved } from '../uploads/uploadsSlice';
import { withPeople } from '../people/peopleSlice';
import { myId, type ConversationsSlice, type Slice, type State } from '../../store/state';
import { emptyWindow } from '../../store/window';

export const conversationsStart: Pick<
  ConversationsSlice,
  'conversations' | 'directs' | 'list' | 'membersMet' | 'gone'
> = {
  conversations: {},
  directs: {},
  list: { state: 'loading', error: null, next: null, kept: false },
  membersMet: {},
  gone: {},
};

/** The other one of a direct conversation; oneself in a note to self. */
export const peerOf = (conversation: Conversation, me: Id) =>
  conversation.kind === 'direct'
    ? (conversation.participants.find(({ _id }) => _id !== me) ?? conversation.participants[0])
    : undefined;

const without = <Value>(record: Readonly<Record<Id, Value>>, id: Id): Record<Id, Value> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== id));

const withoutMutes = (state: State, now: number): Partial<State> => {
  const ended = Object.entries(state.conversations).filter(
    ([, { conversation }]) => conversation.mutedUntil !== null && !isMuted(conversation, now),
  );
  if (ended.length === 0) return state;
  const without = ended.map(
    ([id, held]) => [id, { ...held, conversation: { ...held.conversation, mutedUntil: null } }] as const,
  );
  return { conversations: { ...state.conversations, ...Object.fromEntries(without) } };
};

/** Described by the server: who is in it, and where what was written to the person belongs from now on. */
const withConversations = (state: State, received: readonly Conversation[]) => {
  const me = myId(state);
  const conversations = { ...state.conversations };
  const dividers = { ...state.dividers };
  const windows = { ...state.windows };
  const directs = { ...state.directs };
  let { people, outbox, drafts, chosen } = state;
  for (const conversation of received) {
    const { _id } = conversation;
    const before = conversations[_id];
    const held = conversationReceived(before, conversation, me);
    // Of a new one the bubbles stay until its messages are there to take their place.
    if (before !== undefined && state.open?.conversationId !== _id)
      outbox = outboxRules.loggedUpTo(outbox, _id, before.countedSeq);
    conversations[_id] = held;
    people = withPeople(people, conversation.participants);
    const peer = peerOf(conversation, me);
    if (peer !== undefined && directs[peer._id] !== _id) {
      directs[peer._id] = _id;
      outbox = outboxRules.laneFound(outbox, peer._id, _id);
      drafts = draftsMoved(drafts, peer._id, _id);
      chosen = chosenMoved(chosen, peer._id, _id);
    }
    // One message, and that is all there ever was: nothing to load when it is opened, or when it came to be under
    // the eyes of the person who wrote it.
    const { lastMessage, firstSeq, headSeq } = conversation;
    if (windows[_id] === undefined && firstSeq === headSeq && lastMessage?.seq === headSeq)
      windows[_id] = { ...emptyWindow, loaded: true, messages: [lastMessage], newestSeq: headSeq };
    if (state.open?.conversationId === _id && dividers[_id] === undefined)
      dividers[_id] = dividerFor(held.conversation, me);
  }
  const gone = received.reduce(
    (left, { _id }) => (left[_id] === undefined ? left : without(left, _id)),
    state.gone,
  );
  return { conversations, directs, people, outbox, drafts, chosen, dividers, windows, gone };
};

/** Where the divider stands when the conversation is opened now. */
export const dividerFor = (conversation: Conversation, me: Id): number | null =>
  conversation.unread > 0 ? readUpTo(conversation, me) : null;

const withGone = ({ gone, conversations }: State, conversationId: Id): State['gone'] => {
  const conversation = conversations[conversationId]?.conversation;
  if (conversation === undefined) return gone;
  const { kind, name = '', slug = '' } = conversation;
  if (kind === 'direct') return gone;
  const known = { name, byOneself: false };
  return { ...gone, [conversationId]: kind === 'room' ? { ...known, kind, slug } : { ...known, kind } };
};

const withPositionsReceived = (
  state: State,
  notice: { conversationId: Id; userId: Id; readSeq: number; deliveredSeq: number; readHere: boolean },
): Partial<State> => {
  const held = state.conversations[notice.conversationId];
  if (held === undefined) return {};
  const window = state.windows[notice.conversationId];
  const moved: HeldConversation = positionsReceived(held, notice.userId, notice, myId(state), {
    ...(window?.loaded === true
      ? { all: window.messages, reachBack: !window.hasOlder, reachEnd: !window.hasNewer }
      : { all: [], reachBack: false, reachEnd: false }),
    readHere: notice.readHere,
  });
  return { conversations: { ...state.conversations, [notice.conversationId]: moved } };
};

export const conversationsSlice: Slice<ConversationsSlice> = (set) => ({
  ...conversationsStart,
  keptConversationsCame: (kept) =>
    set((state) => {
      const fresh = kept.filter(({ conversation: { _id } }) => state.conversations[_id] === undefined);
      if (fresh.length === 0) return {};
      // What follows from a conversation follows from a kept one too; its counts are those of the time it was kept.
      const known = withConversations(
        state,
        fresh.map(({ conversation }) => conversation),
      );
      const held = fresh.map((one) => [one.conversation._id, one] as const);
      return {
        ...known,
        conversations: { ...known.conversations, ...Object.fromEntries(held) },
        list: state.list.state === 'ready' ? state.list : { ...state.list, state: 'ready', kept: true },
      };
    }),
  membersReceived: (conversationId, members) =>
    set(({ people, membersMet, conversations }) => {
      const known = { people: withPeople(people, members) };
      if (conversations[conversationId] === undefined) return known;
      const met = new Set(membersMet[conversationId]);
      for (const { _id } of members) met.add(_id);
      return { ...known, membersMet: { ...membersMet, [conversationId]: met } };
    }),
  listAsked: () =>
    set(({ list }) => ({
      list: { ...list, error: null, state: list.state === 'ready' ? 'ready' : 'loading' },
    })),
  listPageCame: (conversations, next) =>
    set((state) => ({
      ...withConversations(state, conversations),
      list: { state: 'ready', error: null, next, kept: false },
    })),
  listFailed: (error) =>
    set(({ list }) => ({ list: { ...list, error, state: list.state === 'ready' ? 'ready' : 'failed' } })),
  conversationsReceived: (conversations) => set((state) => withConversations(state, conversations)),
  mutesEnded: (now) => set((state) => withoutMutes(state, now)),
  conversationGone: (conversationId) =>
    set((state) => ({
      conversations: without(state.conversations, conversationId),
      windows: without(state.windows, conversationId),
      membersMet: without(state.membersMet, conversationId),
      directs: Object.fromEntries(Object.entries(state.directs).filter(([, id]) => id !== conversationId)),
      gone: withGone(state, conversationId),
      outbox: outboxRules.cutOff(
        state.outbox,
        conversationId,
        state.conversations[conversationId]?.conversation.name ?? state.gone[conversationId]?.name ?? '',
        { code: 'NOT_FOUND', message: 'This conversation is not here any more' },
      ),
    })),
  goneByOneself: (conversationId) =>
    set(({ gone }) => {
      const one = gone[conversationId];
      return one === undefined ? {} : { gone: { ...gone, [conversationId]: { ...one, byOneself: true } } };
    }),
  conversationsForgotten: () => set({ ...conversationsStart, windows: {}, dividers: {} }),
  positionsReceived: (notice) => set((state) => withPositionsReceived(state, { ...notice, readHere: false })),
  wasRead: (conversationId, seq) =>
    set((state) =>
      withPositionsReceived(state, {
        conversationId,
        userId: myId(state),
        readSeq: seq,
        deliveredSeq: seq,
        readHere: true,
      }),
    ),
});
