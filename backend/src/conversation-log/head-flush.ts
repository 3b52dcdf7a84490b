import type { Logger } from 'pino';
import { createHeadWrites, type HeadWritesDeps } from './head-writes.js';

const retryAfterMs = 1_000;

export interface HeadFlushDeps extends HeadWritesDeps {
  log: Logger;
  /** How long a head that is written behind may wait for others to be written with it, in milliseconds. */
  flushAfterMs: number;
}

/** Writes behind: when the heads that became dirty are stored. */
export function createHeadFlush({ conversations, heads, repair, log, flushAfterMs }: HeadFlushDeps) {
  const { flushOnce, flushOvertaken } = createHeadWrites({ conversations, heads, repair });
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let closed = false;

  const schedule = (delayMs: number): void => {
    if (timer || closed) return;
    timer = setTimeout(() => {
      timer = undefined;
      flush().catch((error: unknown) => {
        log.warn({ err: error }, 'heads could not be written; trying again');
        clearTimeout(timer);
        timer = undefined;
        schedule(retryAfterMs);
      });
    }, delayMs);
  };

  /** Stores what is dirty, once for all who ask meanwhile. */
  function flush(): Promise<void> {
    flushing ??= flushOnce().finally(() => {
      flushing = undefined;
      if (heads.anyDirty()) schedule(flushAfterMs);
    });
    return flushing;
  }

  /**
   * Stores all that is dirty now, also where a flush began before it was.
   * @param concerns where none of the conversations that it says yes to is dirty, nothing is stored.
   */
  async function flushAll(concerns: (id: string) => boolean = () => true): Promise<void> {
    if (!heads.dirty().some(([id]) => concerns(id))) return;
    // Where that one finds the database away, the next one would take as long to find out the same.
    if (flushing) await flushing;
    if (heads.anyDirty()) await flush();
  }

  return {
    soon: (): void => schedule(flushAfterMs),
    flushAll,
    flushOvertaken,

    /** Stores what is dirty and stops. */
    async close(): Promise<void> {
      clearTimeout(timer);
      timer = undefined;
      closed = true;
      if (flushing) await flushing.catch(() => undefined);
      await flushAll();
    },
  };
}
