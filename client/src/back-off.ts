/** Full jitter around a delay that doubles from 1 s to 30 s: a thousand clients must not come back in the same moment. */
export const backOff = (attempt: number, random: () => number): number =>
  Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 5)) * (0.5 + random() / 2);
