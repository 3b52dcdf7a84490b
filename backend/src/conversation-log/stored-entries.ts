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
   * of a send, by its `clientId`), and of what was stored by another server, or while this one was down, some may not come:
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
  const subscribers: { subscriber: Subscriber; isOfHere: boolean }[] = [];
  function publish(entry: EntryRow, target: MessageRow | undefined, isFromHere: boolean): void {
    for (const { subscriber, isOfHere } of subscribers) {
      if (isFromHere || !isOfHere)
        isolated(log, subscriber.name, entry, () => subscriber.stored(entry, target));
    }
  }
  return {
    /** In this order, behind those that are there already. What was stored before does not come to them. */
    subscribe: (...added: readonly Subscriber[]): void =>
      void subscribers.push(...added.map((subscriber) => ({ subscriber, isOfHere: false }))),

    /** The same for what this server stored itself: for what is to be done once, and not once on each server. */
    subscribeToOwn: (...added: readonly Subscriber[]): void =>
      void subscribers.push(...added.map((subscriber) => ({ subscriber, isOfHere: true }))),

    publish: (entry: EntryRow, target?: MessageRow): void => publish(entry, target, true),

    /** Another server stored it. */
    publishOfOthers: (entry: EntryRow, target?: MessageRow): void => publish(entry, target, false),
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
