import { type Rule, rules, type Violation } from './evidence.js';
import type { Verdict } from './check.js';

const shownPerRule = 8;

const grouped = (counts: ReadonlyMap<string, number>, prefix: string): string[] =>
  [...counts]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, count]) => `${name.slice(prefix.length)} ${count.toLocaleString('en')}`)
    .sort();

/** What a run did, broke and checked, for a person to read. */
export function asText(counts: ReadonlyMap<string, number>, { compared, violations }: Verdict): string {
  const others = [...counts]
    .filter(([name]) => !name.includes(':'))
    .map(([name, count]) => `${name} ${count.toLocaleString('en')}`)
    .sort();
  const did = [
    'message',
    'edit',
    'delete',
    'react',
    'pin',
    'read',
    'deliver',
    'added',
    'removed',
    'left',
  ].map((kind) => `  ${kind}: ${grouped(counts, `${kind}: `).join(', ')}`);
  const checked = (Object.keys(rules) as Rule[]).map(
    (rule) =>
      `  ${rule.padEnd(8)}${String(violations.filter((one) => one.rule === rule).length).padStart(4)} violations, ${(compared.get(rule) ?? 0).toLocaleString('en').padStart(9)} comparisons: ${rules[rule]}`,
  );
  return [
    'Broken:',
    ...grouped(counts, 'broken: ').map((line) => `  ${line}`),
    `Starts that failed: ${grouped(counts, 'start failed: ').join('; ') || 'none'}`,
    'Done:',
    ...did,
    `  answers that passed: ${grouped(counts, 'answers: ').join(', ') || 'none'}`,
    `  ${others.join(', ')}`,
    `  connected: ${grouped(counts, 'connected: ').join(', ')}`,
    `  at rest: ${grouped(counts, 'rest: ').join(', ')}`,
    'Checked:',
    ...checked,
  ].join('\n');
}

export function violationsText(violations: readonly Violation[]): string {
  const lines: string[] = [];
  for (const rule of Object.keys(rules) as Rule[]) {
    const those = violations.filter((one) => one.rule === rule);
    if (those.length === 0) continue;
    lines.push(`${rule} does not hold (${rules[rule]}):`);
    for (const { what } of those.slice(0, shownPerRule)) lines.push(`  ${what}`);
    if (those.length > shownPerRule) lines.push(`  … and ${those.length - shownPerRule} more`);
  }
  return lines.join('\n');
}
