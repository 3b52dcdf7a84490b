/** Something that must hold, with what was measured. */
export interface Target {
  what: string;
  wanted: string;
  measured: string;
  holds: boolean;
  /** What the newest recorded run measured, and when. */
  recorded?: string;
}

/** Tells, while it goes on, what is being measured: one line. */
export type Say = (line: string) => void;

/** What a scenario found: for people a title, a table and remarks, for programs the figures. */
export interface Report {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** How many of the first columns say which row it is. Default 1. */
  keyColumns?: number;
  notes: readonly string[];
  targets: readonly Target[];
  figures: unknown;
}

/** Three digits are what a shared machine is good for. */
export function shown(value: number, unit = ''): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`;
}
/** By which a row is found again in another run. */
export const labelOf = (row: readonly string[], keyColumns: number): string =>
  row.slice(0, keyColumns).join('\n');

export const percent = (share: number): string => shown(share * 100, ' %');

/** The first column to the left, numbers to the right. */
function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, index) =>
        index === 0 ? (cells[index] ?? '').padEnd(width) : (cells[index] ?? '').padStart(width),
      )
      .join('  ')
      .trimEnd();
  return [line(columns), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The whole report as text for a terminal. */
export function asText({ title, columns, rows, notes, targets }: Report): string {
  const verdicts = targets.map(
    ({ what, wanted, measured, holds, recorded }) =>
      `${holds ? '✓' : '✗'} ${what}: ${measured} (wanted: ${wanted}${recorded === undefined ? '' : `; ${recorded}`})`,
  );
  return [
    `\n${title}\n`,
    table(columns, rows),
    '',
    ...notes,
    ...(notes.length > 0 ? [''] : []),
    ...verdicts,
  ].join('\n');
}
