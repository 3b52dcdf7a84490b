import type { PresentSocket } from './present.js';

export type Watching = ReturnType<typeof createWatching>;

/** The sockets there are, and whom each of them watches. */
export function createWatching() {
  const sockets = new Map<string, PresentSocket>();
  const watched = new Map<string, ReadonlySet<string>>();
  const watchers = new Map<string, Set<string>>();

  function unwatch(socketId: string): void {
    for (const userId of watched.get(socketId) ?? []) {
      const watching = watchers.get(userId);
      if (watching?.delete(socketId) && watching.size === 0) watchers.delete(userId);
    }
    watched.delete(socketId);
  }

  return {
    ownerOf: (socketId: string): string | undefined => sockets.get(socketId)?.userId,
    /** The sockets that watch this person. */
    of: (userId: string): string[] => [...(watchers.get(userId) ?? [])],

    connected: (socket: PresentSocket): void => void sockets.set(socket.socketId, socket),

    /** @returns whose it was; undefined for a socket that is not known. */
    disconnected(socketId: string): string | undefined {
      const socket = sockets.get(socketId);
      if (!socket) return undefined;
      sockets.delete(socketId);
      unwatch(socketId);
      return socket.userId;
    },

    /** These, and nobody that it watched before. */
    watch(socketId: string, userIds: readonly string[]): void {
      unwatch(socketId);
      // A socket that left meanwhile would be remembered for ever, and a tutorial client knows no such notice.
      if (!sockets.get(socketId)?.speaksSori) return;
      const ids = new Set(userIds);
      watched.set(socketId, ids);
      for (const userId of ids) {
        const watching = watchers.get(userId) ?? new Set();
        watchers.set(userId, watching.add(socketId));
      }
    },

    clear(): void {
      for (const state of [sockets, watched, watchers]) state.clear();
    },
  };
}
