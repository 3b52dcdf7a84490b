import type { Clock } from '../clock.js';

export type FakeClock = Clock & {
  /** Lets that much time pass; what falls due is called in order, at its own time. */
  pass: (ms: number) => void;
  /** How many calls are waiting. */
  waiting: () => number;
};

export const createFakeClock = (start = Date.parse('2025-03-09T12:00:00Z')): FakeClock => {
  let now = start;
  let timers: { at: number; call: () => void }[] = [];
  return {
    now: () => now,
    random: () => 0.5,
    after: (ms, call) => {
      const timer = { at: now + ms, call };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    waiting: () => timers.length,
    pass: (ms) => {
      const end = now + ms;
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
        if (due === undefined) break;
        timers = timers.filter((timer) => timer !== due);
        now = Math.max(now, due.at);
        due.call();
      }
      now = end;
    },
  };
};

/** Lets everything that is already answered be handled: promises, not time. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
};
