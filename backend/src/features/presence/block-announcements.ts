import type { Clock } from '../../realtime/clock.js';

export interface BlockAnnouncementsDeps {
  /** Tells the viewer whether that person is online, as it is to be shown to them at this moment. */
  emitState: (userId: string, viewerId: string) => void;
  /** How often at most, in milliseconds. */
  gapMs: number;
  clock: Clock;
}

/**
 * What somebody receives of the presence of who blocks them, or no longer does: at most one notice in a gap, however often
 * that changes. What changes within a gap is emitted at its end, as it then is.
 */
export function createBlockAnnouncements({ emitState, gapMs, clock }: BlockAnnouncementsDeps) {
  /** Those who were notified a moment ago, or wait for it. */
  const pairs = new Map<string, { hasChanged: boolean; cancel: () => void }>();

  function wait(userId: string, viewerId: string, ms: number, hasChanged: boolean): void {
    const key = `${userId} ${viewerId}`;
    const pair = { hasChanged, cancel: clock.after(ms, end) };
    pairs.set(key, pair);
    function end(): void {
      pairs.delete(key);
      if (pair.hasChanged) emit(userId, viewerId);
    }
  }

  function emit(userId: string, viewerId: string): void {
    wait(userId, viewerId, gapMs, false);
    emitState(userId, viewerId);
  }

  return {
    /** @param waitMs how long it is until this person's next change may be emitted at all */
    changed(userId: string, viewerId: string, waitMs: number): void {
      const pair = pairs.get(`${userId} ${viewerId}`);
      if (pair) pair.hasChanged = true;
      else if (waitMs > 0) wait(userId, viewerId, waitMs, true);
      else emit(userId, viewerId);
    },

    close(): void {
      for (const { cancel } of pairs.values()) cancel();
      pairs.clear();
    },
  };
}
