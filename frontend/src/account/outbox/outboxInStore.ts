import type { HeldOutbox } from '@sori/client';
import type { Store } from '../../store/state';

/** The outbox in the page's store, for those who keep it and who send from it. */
export const outboxInStore = (store: Store): HeldOutbox => ({
  current: () => store.getState().outbox,
  subscribe: (changed) =>
    store.subscribe((state, before) => {
      if (state.outbox !== before.outbox) changed(state.outbox, before.outbox);
    }),
  loaded: (items) => store.getState().outboxLoaded(items),
  received: (items) => store.getState().outboxReceived(items),
  refused: (clientId, reason) => store.getState().messageRefused(clientId, reason),
  settled: (clientIds) => store.getState().messagesSettled(clientIds),
});
