import { unavailable } from '../core/errors.js';

/** Anybody may ask, as often as they like: so long an answer is good for everybody, in milliseconds. */
const goodForMs = 500;

interface Asked {
  db?: { admin(): { ping(): Promise<unknown> } } | undefined;
}

/**
 * Whether the database answers. However many ask, it is asked by one at a time and twice a second at most.
 * @param connection asked over this one, so that no send waits behind the question
 * @param elapsed milliseconds, by a clock that nobody sets
 */
export function createReadiness(connection: Asked, elapsed: () => number = () => performance.now()) {
  let latest: { answer: Promise<void>; endedAt: number } | undefined;

  async function ping(): Promise<void> {
    try {
      await connection.db?.admin().ping();
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** @throws AppError UNAVAILABLE within 3 s where the database is away or hangs */
  return function check(): Promise<void> {
    if (latest && elapsed() - latest.endedAt < goodForMs) return latest.answer;
    const answer = ping();
    const asked = { answer, endedAt: Infinity };
    const end = (): void => void (asked.endedAt = elapsed());
    answer.then(end, end);
    latest = asked;
    return answer;
  };
}
