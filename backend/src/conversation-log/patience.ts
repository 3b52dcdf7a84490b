import { bounds, unknownOutcome, type Waiting } from './append.js';

/** How exactly `bounds.answerMs` is kept. */
const lookAfterMs = 100;

/**
 * Answers whoever waits too long for a word of the database: RETRY.
 * @param refresh gives an item the time at which the database last answered
 * @returns watches over one more
 */
export function createPatience(refresh: (item: Waiting) => void): (item: Waiting) => void {
  /** Who was not answered when it was last looked. */
  let impatient: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  /** One timer for all: a timer for each costs as much as queueing it. */
  function watch(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      const tooOld = performance.now() - bounds.answerMs;
      for (const item of impatient) {
        refresh(item);
        // Later outcomes change nothing for who was answered, and the two unique indexes make a late landing harmless.
        if (!item.isAnswered && item.lastWordAt <= tooOld) item.reject(unknownOutcome());
      }
      impatient = impatient.filter((item) => !item.isAnswered);
      if (impatient.length > 0) watch();
    }, lookAfterMs);
  }

  return (item) => {
    impatient.push(item);
    watch();
  };
}
