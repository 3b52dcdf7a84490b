import { limits } from '@sori/contract';
import type { Clock } from '../../realtime/clock.js';
import type { EmitToSockets } from '../../realtime/emitter.js';

export interface TutorialListDeps {
  /** Everybody who is shown as online, in any order. */
  online: () => Iterable<string>;
  isOnline: (userId: string) => boolean;
  /** Those of them who do not show this person that they are. */
  hidersOf: (viewerId: string) => ReadonlySet<string> | undefined;
  emitToSockets: EmitToSockets;
  clock: Clock;
}

/** No client receives the list more often than this. */
const gapMs = 1_000;
// A change waits this long for others; also how often at most the clients that are due are looked for.
const tickMs = 100;

export interface TutorialList {
  /** Tells this socket the list at once. */
  connected(socketId: string, userId: string): void;
  disconnected(socketId: string): void;
  /** Somebody came or went: every client receives the list when it is due. */
  changed(): void;
  close(): void;
}

/** What tutorial clients know of presence: the whole list of people, each time. */
export function createTutorialList(deps: TutorialListDeps): TutorialList {
  const { online, isOnline, hidersOf, emitToSockets, clock } = deps;
  const sockets = new Map<string, { userId: string; reportedAt: number; emittedVersion: number }>();
  let version = 0;
  let cancelFlush: (() => void) | undefined;

  /**
   * At most 2,000 of those who are online. People who use a tutorial client come first, since a client wants to find
   * its own person in the list and all of them are sent the same one.
   */
  function list(first?: string): string[] {
    const ids = new Set<string>(first === undefined ? [] : [first]);
    const add = (candidates: Iterable<string>): void => {
      for (const id of candidates) {
        if (ids.size >= limits.tutorialOnlineMax) return;
        ids.add(id);
      }
    };
    for (const { userId } of sockets.values()) if (isOnline(userId)) add([userId]);
    add(online());
    return [...ids];
  }

  function shownTo(viewerId: string, ids: string[]): string[] {
    const hiders = hidersOf(viewerId);
    return hiders ? ids.filter((id) => !hiders.has(id)) : ids;
  }

  /** The same list for all, except for those who are blocked by somebody in it. */
  function emitList(due: readonly { socketId: string; userId: string }[]): void {
    const everybody = list();
    const same = due.filter(({ userId }) => !hidersOf(userId));
    emitToSockets(
      same.map(({ socketId }) => socketId),
      'getOnlineUsers',
      everybody,
    );
    for (const { socketId, userId } of due) {
      if (hidersOf(userId)) emitToSockets([socketId], 'getOnlineUsers', shownTo(userId, everybody));
    }
  }

  function flush(): void {
    cancelFlush = undefined;
    const due: { socketId: string; userId: string }[] = [];
    let nextAt = Infinity;
    for (const [socketId, socket] of sockets) {
      if (socket.emittedVersion === version) continue;
      if (clock.elapsed() - socket.reportedAt < gapMs) nextAt = Math.min(nextAt, socket.reportedAt + gapMs);
      else {
        due.push({ socketId, userId: socket.userId });
        socket.reportedAt = clock.elapsed();
        socket.emittedVersion = version;
      }
    }
    if (due.length > 0) emitList(due);
    if (nextAt < Infinity) cancelFlush = clock.after(Math.max(nextAt - clock.elapsed(), tickMs), flush);
  }

  return {
    connected(socketId, userId) {
      sockets.set(socketId, { userId, reportedAt: clock.elapsed(), emittedVersion: version });
      emitToSockets([socketId], 'getOnlineUsers', shownTo(userId, list(userId)));
    },
    disconnected: (socketId) => void sockets.delete(socketId),
    changed() {
      version += 1;
      if (sockets.size > 0) cancelFlush ??= clock.after(tickMs, flush);
    },
    close() {
      cancelFlush?.();
      cancelFlush = undefined;
      sockets.clear();
    },
  };
}
