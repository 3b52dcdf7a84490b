import { AppError } from './errors.js';

export interface GateOptions {
  /** How many jobs run at the same time. */
  atOnce: number;
  /** How many may wait. Default: any number. */
  waiting?: number;
}

export interface Gate {
  /**
   * Runs the job as soon as there is a place, in the order of asking.
   * @throws AppError "BUSY" when too many wait
   */
  run<Result>(job: () => Promise<Result>): Promise<Result>;
}

/** Lets a few jobs run at a time. */
export function createGate({ atOnce, waiting = Infinity }: GateOptions): Gate {
  const line: (() => void)[] = [];
  let running = 0;

  return {
    async run(job) {
      if (running >= atOnce) {
        if (line.length >= waiting)
          throw new AppError('BUSY', 'Too much is asked of the server. Please wait a moment');
        // Whoever leaves hands its place on, so nobody comes in between.
        await new Promise<void>((begin) => void line.push(begin));
      } else running += 1;
      try {
        return await job();
      } finally {
        const next = line.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}
