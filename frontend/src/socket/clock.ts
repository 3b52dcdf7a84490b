import { serverTime, type ServerTime } from './serverTime';

/** Time, as far as the page's machinery needs it: passed in, so that tests need no waiting. */
export type Clock = {
  /** The device's: for what it alone compares. */
  now: () => number;
  /** The server's: for all that the server tells. */
  server: ServerTime;
  /** Calls once after that many milliseconds; what is returned takes it back. */
  after: (ms: number, call: () => void) => () => void;
  /** From 0 to below 1. */
  random: () => number;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  server: serverTime,
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
