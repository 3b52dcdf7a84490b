import { Types } from 'mongoose';
import { errorName } from '../conversation-log/set-aside.js';
import type { Logger } from '../logger.js';
import type { Clock } from '../realtime/clock.js';
import { createChannelList } from './channel-list.js';
import { decode, encode, isFrom, type Kind, type Publications } from './publications.js';
import type { Redis } from './redis.js';

export interface LinkDeps {
  redis: Pick<Redis, 'client' | 'listener' | 'prefix' | 'isUp' | 'onUp'>;
  log: Pick<Logger, 'warn'>;
  clock: Pick<Clock, 'after'>;
}

/** What is heard: the publication, and the channel that it came over. */
export type Handler<K extends Kind> = (body: Publications[K], channel: string) => void;

/** What servers say to each other. Best effort: nothing here throws, waits, or is said later. */
export interface Link {
  /** False where nobody hears what is published here, or nothing is heard. */
  isUp: () => boolean;
  /** Called each time that it is up again: what was published meanwhile was not heard. */
  onUp: (callback: () => void) => void;
  publish: <K extends Kind>(channel: string, kind: K, body: Publications[K]) => void;
  /** The same over several channels, written once. */
  publishOver: <K extends Kind>(channels: readonly string[], kind: K, body: Publications[K]) => void;
  /** The same, and this server hears it too where it subscribes to that channel: all hear it in the same order. */
  publishToAll: <K extends Kind>(channel: string, kind: K, body: Publications[K]) => void;
  /** Calls `handler` with what other servers publish, of this kind, over the channels that are subscribed to. */
  on: <K extends Kind>(kind: K, handler: Handler<K>) => void;
  /** Resolved once what is published there is heard; at once while the link is down. Twice is once. */
  subscribe: (channel: string) => Promise<void>;
  unsubscribe: (channel: string) => void;
}

/** Where there is one server only. */
export const noLink: Link = {
  isUp: () => false,
  onUp: () => undefined,
  publish: () => undefined,
  publishOver: () => undefined,
  publishToAll: () => undefined,
  on: () => undefined,
  subscribe: () => Promise.resolve(),
  unsubscribe: () => undefined,
};

/** Over Redis, by plain pub/sub: see docs/decisions/0017-what-servers-tell-each-other.md. */
export function createLink({ redis, log, clock }: LinkDeps): Link {
  // Not SERVER_ID: a process that was started again is another one.
  const sender = Buffer.from(new Types.ObjectId().id);
  const anybody = Buffer.alloc(sender.length);
  const handlers = new Map<string, ((body: never, channel: string) => void)[]>();
  const list = createChannelList({ redis, clock, heard });

  function heard(published: Buffer, channel: string): void {
    if (isFrom(sender, published)) return;
    try {
      const { kind, body } = decode(published);
      for (const handle of handlers.get(kind) ?? []) handle(body as never, channel);
    } catch (error) {
      // By its name alone: a message may be in it.
      log.warn({ reason: errorName(error) }, 'What another server published could not be used');
    }
  }

  function publish<K extends Kind>(
    from: Buffer,
    those: readonly string[],
    kind: K,
    body: Publications[K],
  ): void {
    if (!redis.isUp() || those.length === 0) return;
    const written = encode(from, kind, body);
    for (const channel of those)
      redis.client.publish(`${redis.prefix}${channel}`, written).catch(() => undefined);
  }

  return {
    isUp: redis.isUp,
    onUp: redis.onUp,
    publish: (channel, kind, body) => publish(sender, [channel], kind, body),
    publishOver: (those, kind, body) => publish(sender, those, kind, body),
    // Nobody takes it for their own.
    publishToAll: (channel, kind, body) => publish(anybody, [channel], kind, body),
    on(kind, handler) {
      const those = handlers.get(kind) ?? [];
      handlers.set(kind, [...those, handler]);
    },
    subscribe: list.add,
    unsubscribe: list.remove,
  };
}
