import type { Logger } from 'pino';
import type { Audience } from '../core/audience.js';
import type { EntryRow, MessageRow } from './entries.model.js';
import { errorName } from './set-aside.js';

/** Whoever wants to know that an entry was stored. All of them are listed in `app/subscribers.ts`. */
export interface Subscriber {
  /** For the server's log, where this one fails. */
  name: string;
  /**
   * An entry is in the log for good. Called before its sender is answered, so it returns at once: what takes longer goes on
   * by itself, and nobody waits for it. In the order of each conversation's log. Now and then an entry comes again (a repeat
   * of a send, by its `clientId`), and what was stored by another server, or while this one was down, does not come here:
   * whoever must see every entry follows the log with a cursor.
   * @param target the message that the entry changes, as it is now
   */
  stored: (entry: EntryRow, target?: MessageRow) => void;
}

/** Whoever needs to know whom an entry reached, and only after it did: each once. */
export interface DeliverySubscriber {
  name: string;
  /** @param audience who is in the conversation after the entry, without those from whom it is hidden */
  delivered: (entry: EntryRow, audience: Audience) => void;
}

export type StoredEntries = ReturnType<typeof createStoredEntries>;

/** Says to subscribers that an entry was stored: to one after the other, none of which can fail another or the send. */
export function createStoredEntries(log: Pick<Logger, 'error'>) {
  const subscribers: Subscriber[] = [];
  return {
    /** In this order, behind those that are there already. What was stored before does not come to them. */
    subscribe: (...added: readonly Subscriber[]): void => void subscribers.push(...added),

    publish: (entry: EntryRow, target?: MessageRow): void => {
      for (const { name, stored } of subscribers) isolated(log, name, entry, () => stored(entry, target));
    },
  };
}

/** Runs a subscriber. Whatever is the matter with it: the entry is stored, and those behind it are notified. */
export function isolated(
  log: Pick<Logger, 'error'>,
  subscriber: string,
  { conversationId, seq }: Pick<EntryRow, 'conversationId' | 'seq'>,
  run: () => void,
): void {
  try {
    run();
  } catch (error) {
    const details = {
      conversationId: conversationId.toHexString(),
      seq,
      subscriber,
      reason: errorName(error),
    };
    log.error(details, 'A subscriber failed');
  }
}
