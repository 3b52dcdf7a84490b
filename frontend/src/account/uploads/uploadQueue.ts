import { backOff, passes, toApiError, type ApiError } from '@sori/client';
import type { Clock } from '../../device/clock';
import { alone } from './uploadLock';

/** Of one person: the server takes four at a time. */
const atOnce = 3;
/** So long, in milliseconds, a file is left to the tab that is at it. */
const leaveMs = 5_000;

export type Waiting = { clientId: string; id: string };

type Deps = {
  clock: Pick<Clock, 'after' | 'random'>;
  isConnected: () => boolean;
  /** What is to be uploaded, in its order. */
  waiting: () => readonly Waiting[];
  /** Throws an ApiError: of one that passes, the next try goes on. */
  work: (file: Waiting, signal: AbortSignal) => Promise<void>;
  /** Whether this tab does it where the browser has no locks to ask. */
  mayWithoutLock: (id: string) => boolean;
  /** It will be tried again. */
  waits: (id: string) => void;
  /** It is of no use to try again. */
  refused: (file: Waiting, error: ApiError) => void;
};

export type UploadQueue = {
  /** Begins what can begin now, and ends what is not wanted any more. */
  look: () => void;
  /** Something of it has come through: the next failure is the first one again. */
  advanced: (id: string) => void;
  /** Nobody waits out a delay that was meant for the absence of a line. */
  resume: () => void;
  stop: () => void;
};

/** Three at a time, each by one tab, and again after a failure that passes. */
export const createUploadQueue = (deps: Deps): UploadQueue => {
  const { clock, isConnected, waiting, work, mayWithoutLock, waits, refused } = deps;
  const running = new Map<string, AbortController>();
  const attempts = new Map<string, number>();
  /** What waits for its next try. */
  const held = new Map<string, () => void>();
  let stopped = false;

  const endUnwanted = (wanted: ReadonlySet<string>) => {
    for (const [id, given] of running) if (!wanted.has(id)) given.abort();
    for (const [id, cancel] of held)
      if (!wanted.has(id)) {
        cancel();
        held.delete(id);
      }
    for (const id of attempts.keys()) if (!wanted.has(id)) attempts.delete(id);
  };

  const look = () => {
    if (stopped) return;
    const files = waiting();
    endUnwanted(new Set(files.map(({ id }) => id)));
    if (!isConnected()) return;
    for (const file of files) {
      if (running.size >= atOnce) return;
      if (!running.has(file.id) && !held.has(file.id)) void attempt(file);
    }
  };

  const hold = (id: string, ms: number) => {
    const tryAgain = () => {
      held.delete(id);
      look();
    };
    held.set(id, clock.after(ms, tryAgain));
  };

  const attempt = async (file: Waiting) => {
    const { id } = file;
    const given = new AbortController();
    running.set(id, given);
    try {
      const isDone = await alone(
        `sori-upload-${id}`,
        () => mayWithoutLock(id),
        () => work(file, given.signal),
      );
      if (!isDone && !stopped) hold(id, leaveMs);
    } catch (thrown) {
      if (!stopped && !given.signal.aborted) failed(file, toApiError(thrown));
    } finally {
      running.delete(id);
      look();
    }
  };

  const failed = (file: Waiting, error: ApiError) => {
    const { id } = file;
    if (!passes(error)) {
      refused(file, error);
      return;
    }
    const before = attempts.get(id) ?? 0;
    attempts.set(id, before + 1);
    hold(id, Math.max(error.retryAfterMs ?? 0, backOff(before, clock.random)));
    waits(id);
  };

  return {
    look,
    advanced: (id) => attempts.delete(id),
    resume: () => {
      for (const cancel of held.values()) cancel();
      held.clear();
      attempts.clear();
      look();
    },
    stop: () => {
      stopped = true;
      endUnwanted(new Set());
    },
  };
};
