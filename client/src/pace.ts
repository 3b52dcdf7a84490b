import type { Clock } from './clock.js';

/** So many questions within that time: by far less than the server allows a person, with other tabs and devices beside this one. */
const atOnce = 5;
const withinMs = 1_000;

/** Calls at once, or when it is its turn. */
export type Pace = ((call: () => void) => void) & {
  /** Nobody's turn comes any more. */
  stop: () => void;
};

/**
 * What nobody waits for is asked at a calm pace. A person with thousands of conversations must not use up what the server
 * allows them with questions that the page asks by itself.
 */
export const createPace = (clock: Pick<Clock, 'after'>): Pace => {
  const waiting: (() => void)[] = [];
  const timers = new Set<() => void>();
  let free = atOnce;

  const go = (call: () => void) => {
    free -= 1;
    const cancel = clock.after(withinMs, () => {
      timers.delete(cancel);
      free += 1;
      const next = waiting.shift();
      if (next !== undefined) go(next);
    });
    timers.add(cancel);
    call();
  };

  const pace = (call: () => void) => {
    if (free > 0) go(call);
    else waiting.push(call);
  };
  pace.stop = () => {
    waiting.length = 0;
    for (const cancel of timers) cancel();
  };
  return pace;
};
