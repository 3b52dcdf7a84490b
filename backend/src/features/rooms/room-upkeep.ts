import type { TurnsOptions } from '../../database/delete-in-batches.js';

export interface RoomUpkeepDeps {
  /** What has something to take out of the database when it is over, in this order. */
  parts: readonly { sweep: (options: TurnsOptions) => Promise<unknown> }[];
  report: (error: unknown) => void;
}

/** Takes what is over out of the database. */
export function createRoomUpkeep({ parts, report }: RoomUpkeepDeps) {
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> | undefined;
  let stopped = false;
  const goesOn = (): boolean => !stopped;

  async function sweepAll(): Promise<void> {
    for (const part of parts) if (goesOn()) await part.sweep({ goesOn }).catch(report);
  }

  /** One at a time, since upkeep takes as long as it takes. What fails keeps nothing else waiting, and is tried again. */
  function sweep(): Promise<void> {
    sweeping ??= sweepAll().finally(() => (sweeping = undefined));
    return sweeping;
  }

  return {
    sweep,

    /** @param everyMs how often, in milliseconds; 0: never */
    begin(everyMs: number): void {
      if (everyMs > 0) timer = setInterval(() => void sweep(), everyMs).unref();
    },

    stop(): void {
      clearInterval(timer);
      stopped = true;
    },

    /** Once what is going on just now has ended. */
    ended: async (): Promise<void> => sweeping,
  };
}
