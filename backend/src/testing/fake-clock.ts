import type { Clock } from '../realtime/clock.js';

export interface FakeClock extends Clock {
  /** Lets this much time pass at once: what falls due runs in order, what that starts included. */
  advance(ms: number): void;
  /** Sets the time, forwards or back. What waits goes on waiting as long as it had to: timers know no time of day. */
  step(ms: number): void;
  /** How many timers wait: none may be left over when everything is closed. */
  waiting(): number;
}

/** A clock that stands still until it is told to move. */
export function createFakeClock(start = Date.now()): FakeClock {
  let time = start;
  let stepped = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => time,
    elapsed: () => time - stepped,
    after(ms, run) {
      const timer = { at: time + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = time + ms;
      for (;;) {
        const next = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers.delete(next);
        time = Math.max(time, next.at);
        next.run();
      }
      time = end;
    },
    step(ms) {
      time += ms;
      stepped += ms;
      for (const timer of timers) timer.at += ms;
    },
    waiting: () => timers.size,
  };
}
