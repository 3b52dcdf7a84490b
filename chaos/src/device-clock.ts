import type { Clock } from '@sori/client';
import type { Random } from './random.js';

/** The machine's time for one device, whose timers all end with it. */
export function createDeviceClock(random: Random) {
  const timers = new Set<() => void>();
  const clock: Clock = {
    now: () => Date.now(),
    after(ms, call) {
      const timer = setTimeout(() => {
        timers.delete(cancel);
        call();
      }, ms);
      const cancel = (): void => {
        clearTimeout(timer);
        timers.delete(cancel);
      };
      timers.add(cancel);
      return cancel;
    },
    random: () => random.next(),
  };
  return {
    ...clock,
    stop(): void {
      for (const cancel of [...timers]) cancel();
    },
  };
}
