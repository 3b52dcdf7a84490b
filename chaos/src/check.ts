import { checkComings, checkIntents } from './check-answers.js';
import { checkDelivered, checkLog, checkOrder } from './check-log.js';
import { checkReached, checkReceipts, checkAnswered, checkViews } from './check-views.js';
import { type Court, rowsOf } from './court.js';
import type { Evidence, Rule, Violation } from './evidence.js';
import { foldLog, keyOf } from './fold.js';
import { staysOf } from './membership.js';

export interface Verdict {
  violations: Violation[];
  /** How many single things were compared, by rule: a check that looked at nothing proves nothing. */
  compared: Map<Rule, number>;
}

/** Holds what was seen against the log, rule by rule (docs/protocol.md, "Invariants"). Pure: it asks nobody. */
export function check(evidence: Evidence): Verdict {
  const violations: Violation[] = [...evidence.noticed];
  const compared = new Map<Rule, number>();
  const byKey = new Map(evidence.intents.map((intent) => [keyOf(intent.userId, intent.clientId), intent]));
  const folds = new Map([...evidence.log].map(([id, rows]) => [id, foldLog(rows, byKey)]));
  const court: Court = {
    ...evidence,
    byKey,
    folds,
    stays: new Map([...evidence.groups].map((id) => [id, staysOf(rowsOf(evidence, id))])),
    hold(rule, holds, what) {
      compared.set(rule, (compared.get(rule) ?? 0) + 1);
      if (!holds) violations.push({ rule, what: what() });
    },
  };
  checkLog(court);
  checkIntents(court);
  checkComings(court);
  checkOrder(court);
  checkDelivered(court);
  checkViews(court);
  checkAnswered(court);
  checkReceipts(court);
  checkReached(court);
  return { violations, compared };
}
