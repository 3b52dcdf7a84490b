import { draftEmptied } from './draftsSlice';
import {
  discarded,
  emptyOutbox,
  itemOf,
  loaded,
  refused,
  retried,
  settled,
  stored,
  told,
  written,
} from './outbox';
import type { OutboxSlice, Slice } from './state';

export const outboxStart: Pick<OutboxSlice, 'outbox'> = { outbox: emptyOutbox };

export const outboxSlice: Slice<OutboxSlice> = (set) => ({
  ...outboxStart,
  messageWritten: (item) =>
    set((state) => ({
      outbox: written(state.outbox, item),
      drafts: draftEmptied(state.drafts, item.lane),
      dividers: { ...state.dividers, [item.lane]: null },
    })),
  messageStored: (clientId, message) => set(({ outbox }) => ({ outbox: stored(outbox, clientId, message) })),
  messageRefused: (clientId, reason) =>
    set(({ outbox, conversations, windows }) => {
      const lane = itemOf(outbox, clientId)?.lane ?? '';
      const afterSeq = conversations[lane]?.conversation.lastMessage?.seq ?? windows[lane]?.newestSeq ?? 0;
      return { outbox: refused(outbox, clientId, reason, afterSeq) };
    }),
  messageRetried: (clientId) => set(({ outbox }) => ({ outbox: retried(outbox, clientId) })),
  messageDiscarded: (clientId) => set(({ outbox }) => ({ outbox: discarded(outbox, clientId) })),
  messagesSettled: (clientIds) => set(({ outbox }) => ({ outbox: settled(outbox, clientIds) })),
  outboxLoaded: (items) => set(({ outbox }) => ({ outbox: loaded(outbox, items) })),
  outboxTold: (items) => set(({ outbox }) => ({ outbox: told(outbox, items) })),
});
