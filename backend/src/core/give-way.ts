/** How long one may keep all others waiting. */
const stretchMs = 5;

/**
 * For what goes through many rows of which each may take its time: to be called behind each of them. Whatever else is to be
 * done has its turn every few milliseconds.
 * @param elapsed milliseconds since some moment
 */
export function createGiveWay(elapsed: () => number = () => performance.now()): () => Promise<void> {
  let since = elapsed();
  return async () => {
    if (elapsed() - since < stretchMs) return;
    await new Promise(setImmediate);
    since = elapsed();
  };
}
