import { AppError, isDatabaseAway, unavailable } from './errors.js';

export type SerializeByKey = ReturnType<typeof createSerializeByKey>;

/**
 * Runs tasks of one key one after the other, in the order of the calls; those of other keys at the same time. A
 * sender's messages must reach the queue in the order in which they were sent, whatever each has to look up first.
 * Where a task finds the database away, those that wait behind it fail so at once: each would wait as long again.
 */
export function createSerializeByKey() {
  const lastTasks = new Map<string, Promise<unknown>>();
  return function run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const before = lastTasks.get(key);
    const result = before ? before.then(task, (error: unknown) => goOn(error, task)) : task();
    lastTasks.set(key, result);
    const leave = (): void => {
      if (lastTasks.get(key) === result) lastTasks.delete(key);
    };
    result.then(leave, leave);
    return result;
  };
}

function goOn<Result>(error: unknown, task: () => Promise<Result>): Promise<Result> {
  const away =
    isDatabaseAway(error) ||
    (error instanceof AppError && (error.code === 'UNAVAILABLE' || error.code === 'RETRY'));
  return away ? Promise.reject(unavailable(error)) : task();
}
