import type { Clock } from './clock.js';

/**
 * Some browsers never answer what is asked of their storage: a profile on a disk that hangs, a database that another tab
 * does not let go of. So long, in milliseconds, the page waits for what it would like to have first.
 */
export const patienceMs = 3_000;

/** Settles with the work, however that ends, or when nobody waits for it any longer. @returns whether it was in time */
export const waitedFor = (
  clock: Pick<Clock, 'after'>,
  work: Promise<unknown>,
  ms = patienceMs,
): Promise<boolean> =>
  new Promise((done) => {
    const cancel = clock.after(ms, () => done(false));
    const settled = () => {
      cancel();
      done(true);
    };
    work.then(settled, settled);
  });
