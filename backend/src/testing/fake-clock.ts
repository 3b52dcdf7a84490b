import { type Clock, systemClock } from '../realtime/clock.js';

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

export interface SkippingClock extends Clock {
  /** Resolves once something waits for just so many milliseconds. */
  waitsFor(ms: number): Promise<void>;
  /** As if this much time had passed: what fell due meanwhile runs. */
  skip(ms: number): void;
}

/** A clock that goes as the system's does, besides what a test skips: for a whole server, which needs time to pass. */
export function createSkippingClock(): SkippingClock {
  interface Timer {
    ms: number;
    at: number;
    run: () => void;
    cancel: () => void;
  }
  let skipped = 0;
  const timers = new Set<Timer>();
  const watchers = new Set<{ ms: number; resolve: () => void }>();
  const elapsed = (): number => systemClock.elapsed() + skipped;
  const start = (timer: Timer): void => {
    timer.cancel = systemClock.after(Math.max(0, timer.at - elapsed()), () => {
      timers.delete(timer);
      timer.run();
    });
  };
  return {
    now: () => systemClock.now() + skipped,
    elapsed,
    after(ms, run) {
      const timer: Timer = { ms, at: elapsed() + ms, run, cancel: () => undefined };
      timers.add(timer);
      start(timer);
      for (const watcher of [...watchers].filter((one) => one.ms === ms)) {
        watchers.delete(watcher);
        watcher.resolve();
      }
      return () => {
        timers.delete(timer);
        timer.cancel();
      };
    },
    waitsFor: (ms) =>
      [...timers].some((timer) => timer.ms === ms)
        ? Promise.resolve()
        : new Promise((resolve) => watchers.add({ ms, resolve })),
    skip(ms) {
      skipped += ms;
      // Those of the past are due at once, in the order in which they were.
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
        timer.cancel();
        start(timer);
      }
    },
  };
}
