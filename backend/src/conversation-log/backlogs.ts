import { type Append, type Backlog, bounds, Waiting } from './append.js';

/** The backlogs of all conversations with something in them, each in the order of arrival. */
export function createBacklogs({ now }: { now: () => number }) {
  const backlogs = new Map<string, Backlog>();
  let bytesWaiting = 0;
  let entriesWaiting = 0;
  let idle: (() => void) | undefined;

  /** One with nothing in it and nothing in its way need not be remembered. */
  function dropEmpty(backlog: Backlog): void {
    if (backlog.items.length === 0 && backlog.held === 0) backlogs.delete(backlog.id);
  }

  /** Takes answered entries off the front of their backlog. */
  function leave(backlog: Backlog, item: Waiting): void {
    const index = backlog.items.indexOf(item);
    if (index === -1) return;
    backlog.items.splice(index, 1);
    backlog.bytes -= item.request.bytes;
    bytesWaiting -= item.request.bytes;
    entriesWaiting -= 1;
    if (backlog.byKey.get(item.key) === item) backlog.byKey.delete(item.key);
    dropEmpty(backlog);
    if (backlogs.size === 0) idle?.();
  }

  function toTheEnd(backlog: Backlog): void {
    backlogs.delete(backlog.id);
    backlogs.set(backlog.id, backlog);
  }

  return {
    get: (id: string): Backlog | undefined => backlogs.get(id),

    /** Made where there is none. */
    of(id: string): Backlog {
      let backlog = backlogs.get(id);
      if (!backlog) {
        backlog = { id, items: [], bytes: 0, byKey: new Map(), held: 0, holding: Promise.resolve() };
        backlogs.set(id, backlog);
      }
      return backlog;
    },

    /** How many entries wait, in all of them together. */
    waiting: (): number => entriesWaiting,

    isFull: (backlog: Backlog, bytes: number): boolean =>
      backlog.items.length >= bounds.entriesPerConversation ||
      backlog.bytes + bytes > bounds.bytesPerConversation ||
      bytesWaiting + bytes > bounds.bytesPerProcess,

    enqueue(backlog: Backlog, key: string, request: Append): Waiting {
      const item = new Waiting(request, key, now(), performance.now());
      backlog.items.push(item);
      backlog.bytes += request.bytes;
      backlog.byKey.set(key, item);
      bytesWaiting += request.bytes;
      entriesWaiting += 1;
      return item;
    },

    leave,
    toTheEnd,
    dropEmpty,

    /** Nothing is in its way any more. */
    released(backlog: Backlog): void {
      dropEmpty(backlog);
      if (backlogs.size === 0) idle?.();
    },

    /** Those with something to write and nothing in the way, the one that has waited longest first. */
    free: (): Backlog[] =>
      [...backlogs.values()].filter((backlog) => backlog.held === 0 && backlog.items.length > 0),

    /** Resolves once there is none any more (true), or after `timeoutMs` (false). */
    async empty(timeoutMs: number): Promise<boolean> {
      if (backlogs.size === 0) return true;
      return new Promise((resolve) => {
        const giveUp = setTimeout(() => resolve(false), timeoutMs);
        idle = () => {
          clearTimeout(giveUp);
          resolve(true);
        };
      });
    },
  };
}
