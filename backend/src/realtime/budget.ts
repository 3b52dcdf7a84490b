import type { Clock } from './clock.js';

/**
 * In one turn of the event loop: far more than what a client sends in a minute without being answered that it is too
 * much.
 */
const mostInATurn = 1_000;
const windowMs = 10_000;
/** Parsing costs by length. */
const lengthForOne = 4_096;

/** Counts the turns of the event loop in which anything came in. */
function createTurns(): () => number {
  let turn = 0;
  let counting = false;
  return () => {
    if (!counting) {
      counting = true;
      setImmediate(() => {
        counting = false;
        turn += 1;
      });
    }
    return turn;
  };
}
const currentTurn = createTurns();

/**
 * How much a connection may bring, whatever it is and whether or not it is refused: refusing costs, too.
 * @param most packets in ten seconds, long ones counting several times; 0 is no bound.
 */
export function createBudget(most: number, clock: Clock) {
  const turn = { number: -1, packets: 0 };
  const window = { since: -Infinity, spent: 0 };
  return {
    /** Counts one packet. @returns whether that was too much. */
    isOverspentBy(length: number): boolean {
      const number = currentTurn();
      if (turn.number !== number) Object.assign(turn, { number, packets: 0 });
      turn.packets += 1;
      if (turn.packets > mostInATurn) return true;
      if (most === 0) return false;
      const now = clock.elapsed();
      if (now - window.since >= windowMs) Object.assign(window, { since: now, spent: 0 });
      window.spent += 1 + Math.floor(length / lengthForOne);
      return window.spent > most;
    },
  };
}
