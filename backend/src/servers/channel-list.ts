import type { Clock } from '../realtime/clock.js';
import type { Redis } from './redis.js';

export interface ChannelListDeps {
  redis: Pick<Redis, 'listener' | 'prefix' | 'isUp' | 'onUp'>;
  clock: Pick<Clock, 'after'>;
  /** @param channel without the prefix */
  heard: (published: Buffer, channel: string) => void;
}

/** In one command. */
const atOnce = 1_000;
/** Who waits for a channel goes on after this many milliseconds: what they missed is found in the database. */
const patienceMs = 1_000;

/** The channels that this server listens to: as many as have been asked for, in few commands. */
export function createChannelList({ redis, clock, heard }: ChannelListDeps) {
  const { listener, prefix } = redis;
  const wanted = new Set<string>();
  /** Those that the connection listens to; it does so again by itself when it comes back. */
  const listening = new Set<string>();
  /** Those that may be in one of the two and not in the other. */
  const pending = new Set<string>();
  let flushing: Promise<void> | undefined;

  const take = (message: Buffer, channel: Buffer): void =>
    heard(message, channel.toString().slice(prefix.length));

  /** Those that are to be added, or removed: as many as one command holds. */
  function pendingOf(isAdded: boolean): string[] {
    const some: string[] = [];
    for (const channel of pending) {
      if (some.length === atOnce) break;
      if (wanted.has(channel) === isAdded && listening.has(channel) !== isAdded) some.push(channel);
    }
    return some;
  }

  async function flushOnce(): Promise<void> {
    // What is asked for in this turn of the event loop goes together.
    await Promise.resolve();
    for (;;) {
      const [added, removed] = [pendingOf(true), pendingOf(false)];
      if (added.length + removed.length === 0) break;
      const named = (channels: string[]): string[] => channels.map((channel) => prefix + channel);
      if (added.length > 0) await listener.subscribe(named(added), take, true);
      for (const channel of added) listening.add(channel);
      if (removed.length > 0) await listener.unsubscribe(named(removed), take, true);
      for (const channel of removed) listening.delete(channel);
    }
    pending.clear();
  }

  function flush(): Promise<void> {
    flushing ??= flushOnce()
      .catch(() => {
        // Where it is away, all of it is tried again when it is back.
        clock.after(patienceMs, () => redis.isUp() && pending.size > 0 && void flush());
      })
      .finally(() => (flushing = undefined));
    return flushing;
  }

  redis.onUp(() => {
    for (const channel of wanted) if (!listening.has(channel)) pending.add(channel);
    if (pending.size > 0) void flush();
  });

  /** One that is under way may have begun before this one was asked for. */
  async function settled(channel: string): Promise<void> {
    for (let turn = 0; turn < 2 && pending.has(channel); turn += 1) await flush();
  }

  return {
    add: async (channel: string): Promise<void> => {
      wanted.add(channel);
      if (listening.has(channel)) return;
      pending.add(channel);
      if (!redis.isUp()) return;
      let cancel = (): void => undefined;
      const late = new Promise<void>((resolve) => (cancel = clock.after(patienceMs, resolve)));
      await Promise.race([settled(channel), late]).finally(cancel);
    },

    remove: (channel: string): void => {
      if (!wanted.delete(channel) || !listening.has(channel)) return;
      pending.add(channel);
      if (redis.isUp()) void flush();
    },
  };
}
