import { AppError } from '../../core/errors.js';

export interface FairQueueOptions {
  /** How many jobs run at the same time. */
  atOnce: number;
  /** How many of one key may wait. */
  waitingPerKey: number;
  waitingInAll: number;
}

interface Waiting {
  start: () => void;
  refuse: (error: AppError) => void;
}

export interface FairQueue {
  /** @throws AppError "BUSY" when too many wait */
  run<Result>(key: string, job: () => Promise<Result>): Promise<Result>;
}

const busy = (): AppError =>
  new AppError('BUSY', 'Too many are signing in. Please try again', { retryAfterMs: 5_000 });

/**
 * Runs jobs by turns: of each key one, the one whose turn is longest ago first. Who brings a hundred waits for themselves; who
 * brings one waits for what runs just now and for one of everybody else's.
 */
export function createFairQueue({ atOnce, waitingPerKey, waitingInAll }: FairQueueOptions): FairQueue {
  /** In the order of their turns. No key without a job. */
  const lines = new Map<string, Waiting[]>();
  let waiting = 0;
  let running = 0;

  function next(): void {
    const first = lines.entries().next().value;
    if (running >= atOnce || first === undefined) return;
    const [key, line] = first;
    const job = line.shift();
    lines.delete(key);
    if (line.length > 0) lines.set(key, line);
    waiting -= 1;
    running += 1;
    job?.start();
  }

  /** Where all places are taken, whoever brought most gives one up to who brought less. */
  function makeRoom(length: number): void {
    let longest: Waiting[] = [];
    for (const line of lines.values()) if (line.length > longest.length) longest = line;
    if (longest.length <= length + 1) throw busy();
    longest.pop()?.refuse(busy());
    waiting -= 1;
  }

  async function run<Result>(key: string, job: () => Promise<Result>): Promise<Result> {
    const line = lines.get(key) ?? [];
    if (line.length >= waitingPerKey) throw busy();
    if (waiting >= waitingInAll) makeRoom(line.length);
    const turn = new Promise<void>((start, refuse) => line.push({ start, refuse }));
    lines.set(key, line);
    waiting += 1;
    next();
    await turn;
    try {
      return await job();
    } finally {
      running -= 1;
      next();
    }
  }
  return { run };
}
