export type Stages = ReturnType<typeof createStages>;

const secondsOf = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/**
 * What a run does once the time is over, one after the other: how long each took, and which one hangs, which is a finding and
 * not a wait. All times in milliseconds.
 */
export function createStages() {
  const took: string[] = [];

  return {
    /**
     * Waits for the work, and no longer than that.
     * @param name what is waited for, in words
     * @throws Error where that was not enough
     */
    async during<Result>(name: string, withinMs: number, work: () => Promise<Result>): Promise<Result> {
      const began = performance.now();
      let timer: NodeJS.Timeout | undefined;
      const overdue = new Promise<never>((_, reject) => {
        const fail = (): void => reject(new Error(`${name}: not over within ${secondsOf(withinMs)}`));
        timer = setTimeout(fail, withinMs);
      });
      try {
        return await Promise.race([work(), overdue]);
      } finally {
        clearTimeout(timer);
        took.push(`${name} ${secondsOf(performance.now() - began)}`);
      }
    },
    /** How long each took, for the report. */
    line: (): string => took.join(', '),
  };
}
