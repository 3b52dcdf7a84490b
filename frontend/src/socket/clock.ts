/** Time, as far as the page's machinery needs it: passed in, so that tests need no waiting. */
export type Clock = {
  now: () => number;
  /** Calls once after that many milliseconds; what is returned takes it back. */
  after: (ms: number, call: () => void) => () => void;
  /** From 0 to below 1. */
  random: () => number;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
