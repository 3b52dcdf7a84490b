/** One kind of request, made by as many workers as there are requests in flight. */
export type Ask = (worker: number, done: (failure: string | null) => void) => void;

export interface LoadOptions {
  inFlight: number;
  /** What is measured; a short warm-up comes before it. */
  seconds: number;
  /** Called when the warm-up is over. */
  measuring?: () => void;
}

export interface LoadResult {
  perSecond: number;
  answered: number;
  /** How often each kind of failure came, the requests that were never answered included. */
  failures: Record<string, number>;
}

/** However fast a server is: no loop goes on for ever. */
const mostRequests = 2_000_000;
const answerWithinMs = 5_000;
/** A share of the time and not a fixed one, so that short runs stay short. */
const warmUpShare = 0.2;

/** Keeps `inFlight` requests in flight: each worker asks again as soon as it was answered. */
export function runLoad({ inFlight, seconds, measuring }: LoadOptions, ask: Ask): Promise<LoadResult> {
  const failures: Record<string, number> = {};
  const fail = (kind: string, count = 1): void => void (failures[kind] = (failures[kind] ?? 0) + count);
  const begin = performance.now();
  const measureFrom = begin + seconds * 1_000 * warmUpShare;
  const deadline = measureFrom + seconds * 1_000;
  let started = 0;
  let open = 0;
  let answered = 0;
  let warm = false;
  let lastAnswerAt = measureFrom;

  return new Promise((resolve) => {
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      if (open > 0) fail('no answer', open);
      resolve({ perSecond: (answered / (lastAnswerAt - measureFrom)) * 1_000, answered, failures });
    };
    const timer = setTimeout(finish, deadline - begin + answerWithinMs);

    const next = (worker: number): void => {
      started += 1;
      open += 1;
      ask(worker, (failure) => {
        open -= 1;
        const now = performance.now();
        if (!warm && now >= measureFrom) {
          warm = true;
          measuring?.();
        }
        if (failure !== null) fail(failure);
        else if (now >= measureFrom && now <= deadline) {
          answered += 1;
          lastAnswerAt = now;
        }
        // A server that refuses everything at once is not asked a million times.
        if (now < deadline && started < mostRequests && failure === null) next(worker);
        else if (open === 0) finish();
      });
    };
    for (let worker = 0; worker < inFlight; worker += 1) next(worker);
  });
}
