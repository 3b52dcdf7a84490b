export const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/**
 * Waits until nothing is left, for as long as it becomes less: a machine that has other things to do is slow, and no proof.
 * @returns false where it did not become less for `withinMs`.
 */
export async function untilNoneLeft(
  left: () => number | Promise<number>,
  withinMs: number,
): Promise<boolean> {
  let least = Infinity;
  let deadline = Infinity;
  for (;;) {
    const now = await left();
    if (now === 0) return true;
    if (now < least) deadline = performance.now() + withinMs;
    least = Math.min(least, now);
    if (performance.now() > deadline) return false;
    await sleep(100);
  }
}
