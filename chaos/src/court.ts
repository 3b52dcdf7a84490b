import type { Evidence, HeldMessage, Intent, LogRow, Rule } from './evidence.js';
import type { Stay } from './membership.js';

/** What was seen, and what follows from it for all who look. */
export interface Court extends Evidence {
  folds: ReadonlyMap<string, ReadonlyMap<number, HeldMessage>>;
  byKey: ReadonlyMap<string, Intent>;
  /** Of groups: who was in when. */
  stays: ReadonlyMap<string, ReadonlyMap<string, readonly Stay[]>>;
  /** Counts one comparison; where it does not hold, it is a violation. */
  hold: (rule: Rule, holds: boolean, what: () => string) => void;
}

export const rowsOf = ({ log }: Evidence, conversationId: string): readonly LogRow[] =>
  log.get(conversationId) ?? [];
export const headOf = (evidence: Evidence, conversationId: string): number =>
  rowsOf(evidence, conversationId).at(-1)?.seq ?? 0;
