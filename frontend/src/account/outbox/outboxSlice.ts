import { emptyOutbox, itemOf, type OutboxItem, outboxRules } from '@sori/client';
import { draftEmptied } from '../drafts/draftsSlice';
import { chosenEmptied } from '../uploads/uploadsSlice';
import { myId, type OutboxSlice, type Slice, type State } from '../../store/state';

export const outboxStart: Pick<OutboxSlice, 'outbox' | 'unkept'> = { outbox: emptyOutbox, unkept: new Set() };

/** Without what the log has shown here already: it was faster than another tab's word, or than this device's disk. */
const unlogged = (state: State, items: readonly OutboxItem[]): OutboxItem[] =>
  items
    // Whoever wrote it may not have known of the conversation that is there by now.
    .map((item) => {
      const lane = state.directs[item.lane];
      return lane === undefined ? item : { ...item, lane };
    })
    .filter(({ lane, clientId }) => {
      const isThere = state.windows[lane]?.messages.some(
        (message) => message.clientId === clientId && message.senderId === myId(state),
      );
      return isThere !== true;
    });

export const outboxSlice: Slice<OutboxSlice> = (set) => ({
  ...outboxStart,
  keepingChanged: (what, isKept) =>
    set((state) => {
      if (state.unkept.has(what) !== isKept) return state;
      const unkept = new Set(state.unkept);
      if (isKept) unkept.delete(what);
      else unkept.add(what);
      return { unkept };
    }),
  messageWritten: (item) =>
    set((state) => ({
      outbox: outboxRules.written(state.outbox, item),
      drafts: draftEmptied(state.drafts, item.lane),
      chosen: chosenEmptied(state.chosen, item.lane),
      dividers: { ...state.dividers, [item.lane]: null },
    })),
  messageStored: (clientId, message) =>
    set(({ outbox }) => ({ outbox: outboxRules.stored(outbox, clientId, message) })),
  messageRefused: (clientId, reason) =>
    set(({ outbox, conversations, windows }) => {
      const lane = itemOf(outbox, clientId)?.lane ?? '';
      const afterSeq = conversations[lane]?.conversation.lastMessage?.seq ?? windows[lane]?.newestSeq ?? 0;
      return { outbox: outboxRules.refused(outbox, clientId, reason, afterSeq) };
    }),
  messageRetried: (clientId) =>
    set(({ outbox }) => {
      // What the server said of it was about its files: with the same ones it would say so again.
      const isOfFiles = itemOf(outbox, clientId)?.refused?.code === 'INVALID';
      const ready = isOfFiles ? outboxRules.uploadsLost(outbox, clientId) : outbox;
      return { outbox: outboxRules.retried(ready, clientId) };
    }),
  fileDiscarded: (clientId, id) =>
    set(({ outbox }) => ({ outbox: outboxRules.withoutFile(outbox, clientId, id) })),
  fileUploaded: (clientId, id, how) =>
    set(({ outbox }) => ({ outbox: outboxRules.uploaded(outbox, clientId, id, how) })),
  uploadsLost: (clientId) => set(({ outbox }) => ({ outbox: outboxRules.uploadsLost(outbox, clientId) })),
  messageDiscarded: (clientId) => set(({ outbox }) => ({ outbox: outboxRules.discarded(outbox, clientId) })),
  messagesSettled: (clientIds) => set(({ outbox }) => ({ outbox: outboxRules.settled(outbox, clientIds) })),
  outboxLoaded: (items) =>
    set((state) => ({ outbox: outboxRules.loaded(state.outbox, unlogged(state, items)) })),
  outboxReceived: (items) =>
    set((state) => ({ outbox: outboxRules.received(state.outbox, unlogged(state, items)) })),
});
