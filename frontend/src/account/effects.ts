import { ApiError, asEntry, ownReactionsReceived } from '@sori/client';
import type { Id } from '@sori/contract';
import type { Store } from '../store/state';
import type { Effects, Workers } from './workers';

/** After that long the server has heard what was read here. */
const staleStillMs = 3_000;

/** @param workers called when something has happened, and not before: then all of them are there. */
export const createEffects = (
  { store, account }: { store: Store; account: Id },
  workers: () => Workers,
): Effects => {
  const refreshIfStale: Effects['refreshIfStale'] = (conversationId, delayMs) => {
    if (store.getState().conversations[conversationId]?.stale === true)
      workers().list.refresh(conversationId, delayMs);
  };

  const forgetKept = (conversationId: Id) => {
    const { cache, warmUp } = workers();
    cache.forget(conversationId);
    warmUp.forget(conversationId);
  };

  const loadList = async (): Promise<void> => {
    await workers().list.load();
    workers().warmUp.look();
  };

  return {
    refreshIfStale,
    loadList,
    described: (conversations) => {
      const { log, readings, drafts } = workers();
      for (const conversation of conversations) {
        const { _id, headSeq } = conversation;
        log.described(_id, headSeq);
        readings.described(conversation);
        drafts.received(conversation);
        // Still: the server had not heard yet what was read here. No sooner than it can have.
        refreshIfStale(_id, staleStillMs);
      }
    },
    applied: (conversationId, received, missed) => {
      const entries = ownReactionsReceived(received, account);
      store.getState().entriesApplied(conversationId, entries, missed);
      workers().cache.applied(conversationId, entries);
      refreshIfStale(conversationId);
    },
    startedOver: (conversationId) => {
      forgetKept(conversationId);
      store.getState().windowForgotten(conversationId);
      workers().history.reopen(conversationId);
    },
    gone: (conversationId) => {
      const { list, history } = workers();
      const { conversationGone, pageFailed, open } = store.getState();
      list.forget(conversationId);
      forgetKept(conversationId);
      history.giveUp(conversationId);
      conversationGone(conversationId);
      if (open?.conversationId !== conversationId) return;
      const error = new ApiError('NOT_FOUND', 'This conversation is not here any more');
      pageFailed(conversationId, 'replace', error);
    },
    epochChanged: () => {
      const { open } = store.getState();
      workers().cache.clear();
      store.getState().conversationsForgotten();
      void loadList();
      if (open !== null) workers().history.reopen(open.conversationId);
    },
    sent: ({ clientId }, message) => {
      const { log } = workers();
      store.getState().messageStored(clientId, message);
      log.received(asEntry(message));
      // The log told it here before, on an earlier try whose answer was lost: the bubble has its message already.
      if ((log.cursorOf(message.conversationId) ?? 0) >= message.seq)
        store.getState().messagesSettled(new Set([clientId]));
    },
  };
};
