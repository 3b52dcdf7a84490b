import {
  ApiError,
  asSent,
  createDrain,
  itemsOf,
  keepOutbox,
  toApiError,
  type Ask,
  type OpenOutboxStorage,
  type OutboxItem,
  type OutboxChange,
} from '@sori/client';
import type { AttachmentRefusal, Id, Message } from '@sori/contract';
import type { Clock } from '../../device/clock';
import { lead, openChannel } from '../../device/tabs';
import type { Store } from '../../store/state';
import { outboxInStore } from './outboxInStore';

export type Sending = {
  /** Settles when everything that was written is stored on this device, as far as it can be. */
  kept: () => Promise<void>;
  /** Whether this tab sends for all of this browser's. */
  leads: () => boolean;
  /** The connection is there again. */
  resume: () => void;
  stop: () => void;
};

type Deps = {
  store: Store;
  clock: Clock;
  ask: Ask;
  isConnected: () => boolean;
  account: Id;
  openOutbox: OpenOutboxStorage;
  /** What was waiting on this device is in the outbox. */
  loaded: () => void;
  /** The server has stored it. */
  sent: (item: OutboxItem, message: Message) => void;
};

const hasExpired = (thrown: unknown): boolean => {
  const { code, details } = toApiError(thrown);
  const reason: AttachmentRefusal = 'expired';
  return code === 'INVALID' && (details as { reason?: unknown } | undefined)?.reason === reason;
};

/** The outbox of one account: kept on this device, shared by its tabs, and sent by one of them. */
export const startSending = ({
  store,
  clock,
  ask,
  isConnected,
  account,
  openOutbox,
  loaded,
  sent,
}: Deps): Sending => {
  const name = `sori-outbox-${account}`;
  const held = outboxInStore(store);
  const channel = openChannel<OutboxChange>(name, (change) => outbox.received(change));
  const outbox = keepOutbox({
    outbox: held,
    clock,
    storage: openOutbox(account),
    announce: channel.post,
    keepingChanged: (isKept) => store.getState().keepingChanged('outbox', isKept),
  });
  const leadership = lead({ name, clock, changed: () => drain.look() });
  /** What was written before the page was opened goes first: until it is there, nothing goes. */
  let isLoaded = false;
  const drain = createDrain({
    outbox: held,
    clock,
    isConnected,
    kept: outbox.kept,
    leads: () => isLoaded && leadership.leads(),
    takeLead: leadership.take,
    isOthers: outbox.isOthers,
    send: async (item) => {
      try {
        return (await ask('message:send', asSent(item))).message;
      } catch (thrown) {
        if (!hasExpired(thrown)) throw thrown;
        // It waited for days: its files are uploaded again, and then it goes.
        store.getState().uploadsLost(item.clientId);
        throw new ApiError('RETRY', 'Its files have expired', { cause: thrown });
      }
    },
    sent,
  });
  void outbox.ready.then(() => {
    isLoaded = true;
    loaded();
    drain.look();
  });
  const unsubscribe = held.subscribe(() => drain.look());

  return {
    kept: async () => {
      await Promise.all(itemsOf(held.current()).map(outbox.kept));
    },
    leads: leadership.leads,
    resume: drain.resume,
    stop: () => {
      unsubscribe();
      drain.stop();
      leadership.stop();
      outbox.stop();
      channel.stop();
    },
  };
};
