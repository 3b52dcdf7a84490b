import type { Clock } from '../realtime/clock.js';
import type { Link } from './link.js';

export interface RoundsDeps {
  link: Pick<Link, 'isUp' | 'onUp'>;
  /** False where a server that lives has not been heard of for a moment. */
  hearsAll: () => boolean;
  /** Each asks the database for something that another server may have changed, for the sockets of this one. */
  questions: readonly (() => Promise<void>)[];
  clock: Pick<Clock, 'after' | 'elapsed'>;
  report: (error: unknown) => void;
}

const tickMs = 1_000;
/** While not everything is heard, in milliseconds. */
const deafEveryMs = 2_000;
/** Publications are lost also while Redis is there. */
const everyMs = 15_000;

/**
 * Asks for what should have been heard: whether the sessions of the sockets here live, who blocks whom, and the like.
 * @returns ends it
 */
export function startRounds({ link, hearsAll, questions, clock, report }: RoundsDeps): () => void {
  let cancel = (): void => undefined;
  let askedAt = clock.elapsed();
  let asking: Promise<void> | undefined;

  async function askAll(): Promise<void> {
    // Whatever is the matter with one, the others have their turn.
    for (const ask of questions) await ask().catch(report);
  }
  function ask(): void {
    askedAt = clock.elapsed();
    asking ??= askAll().finally(() => (asking = undefined));
  }

  function tick(): void {
    cancel = clock.after(tickMs, tick);
    const hearsEverything = link.isUp() && hearsAll();
    if (clock.elapsed() - askedAt >= (hearsEverything ? everyMs : deafEveryMs) - tickMs / 2) ask();
  }
  cancel = clock.after(tickMs, tick);
  // One that is under way may have asked before it was heard again.
  link.onUp(() => void Promise.resolve(asking).then(ask));

  return () => cancel();
}
