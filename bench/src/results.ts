import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Machine, machineAsText } from './machine.js';
import { labelOf, type Report } from './report.js';

/** Where runs are recorded: `bench/results/`, in the repository. */
export const resultsFolder = fileURLToPath(new URL('../results', import.meta.url));

/** One scenario as it was measured once. */
export interface Recorded {
  scenario: string;
  /** The arguments of that run. */
  command: string;
  machine: Machine;
  reports: readonly Pick<Report, 'title' | 'columns' | 'rows' | 'targets' | 'figures'>[];
}

/** Writes `2026-11-30-send.json`; what was recorded before on the same day is replaced. @returns the file */
export function record({ scenario, command, machine, reports }: Recorded, folder = resultsFolder): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${machine.date.slice(0, 10)}-${scenario}.json`);
  const kept = reports.map(({ title, columns, rows, targets, figures }) => ({
    title,
    columns,
    rows,
    targets,
    figures,
  }));
  writeFileSync(file, `${JSON.stringify({ scenario, command, machine, reports: kept }, null, 1)}\n`);
  return file;
}

/** The newest recorded run of this scenario; undefined where there is none. */
export function newestRecorded(scenario: string, folder = resultsFolder): Recorded | undefined {
  let files: string[] = [];
  try {
    files = readdirSync(folder);
  } catch {
    // Nothing was recorded yet.
  }
  const [newest] = files
    .filter((file) => file.slice('2026-11-30-'.length) === `${scenario}.json`)
    .sort()
    .reverse();
  if (newest === undefined) return undefined;
  return JSON.parse(readFileSync(join(folder, newest), 'utf8')) as Recorded;
}

const samePlace = (one: Machine, other: Machine): boolean =>
  one.system === other.system && machineAsText(one) === machineAsText(other);

/** A report with what the recorded run had below each row, beside each target, and said of that run below the table. */
export function besideRecorded(report: Report, index: number, recorded: Recorded, machine: Machine): Report {
  const former = recorded.reports[index];
  if (!former) return report;
  const day = recorded.machine.date.slice(0, 10);
  const keys = report.keyColumns ?? 1;
  const formerRow = new Map(former.rows.map((row) => [labelOf(row, keys), row]));
  const formerTarget = new Map(former.targets.map((target) => [target.what, target]));
  const { commit = 'an unknown commit', loadBefore } = recorded.machine;
  const elsewhere = samePlace(recorded.machine, machine)
    ? 'on this kind of machine'
    : `on another machine (${machineAsText(recorded.machine)})`;
  return {
    ...report,
    rows: report.rows.flatMap((row) => {
      const was = formerRow.get(labelOf(row, keys));
      return was ? [row, [`  ${day}`, ...was.slice(1)]] : [row];
    }),
    notes: [
      ...report.notes,
      `${day}: recorded at ${commit} ${elsewhere}, load ${loadBefore.toFixed(1)} before it: bench -- ${recorded.command}`,
    ],
    targets: report.targets.map((target) => {
      const was = formerTarget.get(target.what);
      return was ? { ...target, recorded: `${was.measured} on ${day}` } : target;
    }),
  };
}
