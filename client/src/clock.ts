/** Time, as far as the client needs it: passed in, so that tests need no waiting. */
export type Clock = {
  /** The device's own, in milliseconds since 1970: it may be hours off, and set while the program runs. */
  now: () => number;
  /** Calls once after that many milliseconds; what is returned takes it back. */
  after: (ms: number, call: () => void) => () => void;
  /** From 0 to below 1. */
  random: () => number;
};

// What browsers and Node have alike: the types of neither are needed for it.
declare const setTimeout: (call: () => void, ms: number) => unknown;
declare const clearTimeout: (timer: unknown) => void;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
