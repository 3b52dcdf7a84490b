import type { Clock } from '../../realtime/clock.js';
import { gapMs, graceMs, isConnected, type Present } from './present.js';

export interface SettlingDeps {
  clock: Clock;
  /** What is shown of this person is another than before. */
  changed: (userId: string) => void;
  /** This person is offline for others as well, and the gap is over. */
  forget: (userId: string, person: Present) => void;
}

/** Brings what is shown of a person into line with their sockets, now or when grace and gap are over. */
export function createSettling({ clock, changed, forget }: SettlingDeps) {
  /** @param grace so long they stay after they have gone, in milliseconds */
  return function settle(userId: string, person: Present, grace = graceMs): void {
    person.cancelSettle?.();
    person.cancelSettle = undefined;
    const online = isConnected(person);
    const gap = person.changedAt + gapMs - clock.elapsed();
    const later = (ms: number, run: () => void): void => {
      if (ms <= 0) run();
      else person.cancelSettle = clock.after(ms, run);
    };
    if (online !== person.shown) {
      later(online ? gap : Math.max(grace, gap), () => {
        person.cancelSettle = undefined;
        person.shown = online;
        person.changedAt = clock.elapsed();
        changed(userId);
        if (!online) settle(userId, person);
      });
    } else if (!online) {
      // Remembered until the gap is over, or leaving and coming back would be a way around it.
      later(gap, () => forget(userId, person));
    }
  };
}
