/** Time, handed in so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since 1970. A clock can be set, so this is for times that others know, too. */
  now(): number;
  /** Milliseconds since some moment: for how long ago something was. Nobody sets this one. */
  elapsed(): number;
  /**
   * Runs `run` once, `ms` milliseconds from now, and gives back what cancels it. It may run early where `ms` is more
   * than 24 days: whoever waits that long looks at the time again.
   */
  after(ms: number, run: () => void): () => void;
}

// A longer delay makes Node's setTimeout fire at once.
const longestTimeoutMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, longestTimeoutMs));
    // Nothing that waits here is worth keeping a stopping process alive.
    timer.unref();
    return () => clearTimeout(timer);
  },
};
