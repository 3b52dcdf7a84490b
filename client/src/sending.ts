import type { AttachmentRef, Id, Message } from '@sori/contract';
import { ApiError } from './api-error.js';
import { createClientId } from './client-id.js';
import type { Clock } from './clock.js';
import type { Ask } from './connection.js';
import { createDrain } from './drain.js';
import { createOutbox, type HeldOutbox } from './held-outbox.js';
import { keepOutbox } from './keep-outbox.js';
import { itemOf, type OutboxItem, type Refused } from './outbox.js';
import { asSent } from './outgoing-files.js';
import type { OutboxStorage } from './outbox-storage.js';

/** So many messages wait at most: whoever writes faster than the server stores is told so. */
const mostWaiting = 1_000;

export type SendOptions = {
  /** The `_id` of a message of the same conversation. */
  replyTo?: Id;
  /** Files that were uploaded before (`POST /api/files`), or of a message that one may read. The text may then be empty. */
  attachments?: readonly AttachmentRef[];
  /**
   * What makes a repeat harmless: the same person and the same id is stored once, in whichever run of the program. 1 to 64 of
   * `A-Z a-z 0-9 _ -`. Default: made anew for each message.
   */
  clientId?: string;
};

type Deps = {
  clock: Clock;
  ask: Ask;
  isConnected: () => boolean;
  storage: Promise<OutboxStorage>;
  /** Refused for good, of those that an earlier run of the program left in the storage: nobody else hears of it. */
  refused: (item: OutboxItem, error: ApiError) => void;
};

export type Sending = {
  send: (to: Id, text: string, options?: SendOptions) => Promise<Message>;
  /** The connection is there. */
  resume: () => void;
  /** Nothing more is sent: whoever waits for an answer gets this. What waits stays in the storage. */
  stop: (error: ApiError) => void;
};

type Waiting = {
  promise: Promise<Message>;
  stored: (message: Message) => void;
  failed: (error: ApiError) => void;
};

/** An outbox that sends by itself: in the order of writing, one at a time for each conversation, again after what passes. */
export const createSending = ({ clock, ask, isConnected, storage, refused }: Deps): Sending => {
  const own = createOutbox();
  const waiting = new Map<string, Waiting>();
  let stopped: ApiError | null = null;
  let isLoaded = false;

  const done = (clientId: string): Waiting | undefined => {
    const one = waiting.get(clientId);
    waiting.delete(clientId);
    own.settled(new Set([clientId]));
    return one;
  };

  const outbox: HeldOutbox = {
    ...own,
    refused: (clientId: string, { code, message, details }: Refused) => {
      const item = itemOf(own.current(), clientId);
      const error = new ApiError(code, message, { details });
      const one = done(clientId);
      if (one !== undefined) one.failed(error);
      else if (item !== undefined) refused(item, error);
    },
  };
  const keeper = keepOutbox({
    outbox,
    clock,
    storage,
    announce: () => undefined,
    keepingChanged: () => undefined,
  });
  const drain = createDrain({
    outbox,
    clock,
    isConnected,
    kept: keeper.kept,
    // What an earlier run of the program left goes first. No other one sends for this account's storage.
    leads: () => isLoaded,
    takeLead: () => undefined,
    isOthers: () => true,
    send: async (item) => (await ask('message:send', asSent(item))).message,
    sent: ({ clientId }, message) => done(clientId)?.stored(message),
  });
  const unsubscribe = own.subscribe(() => drain.look());
  void keeper.ready.then(() => {
    isLoaded = true;
    drain.look();
  });

  const wait = (clientId: string): Promise<Message> => {
    const before = waiting.get(clientId);
    if (before !== undefined) return before.promise;
    let one: Omit<Waiting, 'promise'> = { stored: () => undefined, failed: () => undefined };
    const promise = new Promise<Message>((stored, failed) => (one = { stored, failed }));
    waiting.set(clientId, { ...one, promise });
    return promise;
  };

  return {
    send: (to, text, { replyTo, attachments, clientId = createClientId() } = {}) => {
      if (stopped !== null) return Promise.reject(stopped);
      if (waiting.size >= mostWaiting)
        return Promise.reject(new ApiError('BUSY', 'Too many messages wait already'));
      const promise = wait(clientId);
      const queuedAt = new Date(clock.now()).toISOString();
      own.written({ clientId, to, lane: to, text, replyTo, attachments, queuedAt });
      return promise;
    },
    resume: drain.resume,
    stop: (error) => {
      stopped = error;
      unsubscribe();
      drain.stop();
      keeper.stop();
      for (const { failed } of waiting.values()) failed(error);
      waiting.clear();
    },
  };
};
