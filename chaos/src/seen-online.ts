import type { PresenceChange } from '@sori/contract';

export type SeenOnline = ReturnType<typeof createSeenOnline>;

/** Who is online as one device was told. */
export function createSeenOnline() {
  let online: Set<string> | null = null;

  return {
    /** The list that each connection begins with. */
    listed: (userIds: readonly string[]): void => void (online = new Set(userIds)),
    changed(change: PresenceChange): void {
      for (const id of change.online) online?.add(id);
      for (const id of change.offline) online?.delete(id);
    },
    /** The connection is lost: what it told is not true for ever. */
    forget: (): void => void (online = null),
    /** Null before the first list of a connection. */
    now: (): ReadonlySet<string> | null => online,
  };
}
