import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machine } from './machine.js';
import type { Report } from './report.js';
import { asText } from './report.js';
import { besideRecorded, newestRecorded, record } from './results.js';

const machine: Machine = {
  date: '2026-11-30T12:00:00.000Z',
  commit: 'abc1234',
  node: 'v20.20.2',
  system: 'linux x64',
  processor: 'A processor',
  cores: 2,
  memoryGiB: 8,
  loadBefore: 0.25,
};
const report = (rows: string[][], measured = '87 %'): Report => ({
  title: 'Sends',
  columns: ['', 'in flight', 'a second'],
  rows,
  keyColumns: 2,
  notes: [],
  targets: [{ what: 'share', wanted: 'at least 85 %', measured, holds: true }],
  figures: {},
});
const recorded = (date: string, reports: Report[], at = machine) => ({
  scenario: 'send',
  command: 'send --record',
  machine: { ...at, date },
  reports,
});

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sori-results-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('the newest recorded run of a scenario is found, and that of another is not taken for it', () => {
  expect(newestRecorded('send', join(folder, 'not there'))).toBeUndefined();
  for (const date of ['2026-11-30T12:00:00Z', '2026-12-01T12:00:00Z', '2026-10-31T12:00:00Z'])
    record(recorded(date, [report([])]), folder);
  record({ ...recorded('2027-01-01T12:00:00Z', []), scenario: 're-send' }, folder);
  expect(readdirSync(folder)).toContain('2026-12-01-send.json');
  expect(newestRecorded('send', folder)?.machine.date).toBe('2026-12-01T12:00:00Z');
});

test('each row has the recorded one of the same name below it, whatever their order', () => {
  const former = recorded(machine.date, [
    report(
      [
        ['Socket', '64', '6,000'],
        ['Socket', '1', '500'],
      ],
      '90 %',
    ),
  ]);
  const now = report([
    ['Socket', '1', '550'],
    ['Socket', '32', '4,000'],
    ['Socket', '64', '6,500'],
  ]);
  const beside = besideRecorded(now, 0, former, machine);
  expect(beside.rows.map((row) => row.at(-1))).toEqual(['550', '500', '4,000', '6,500', '6,000']);
  expect(asText(beside)).toContain('87 % (wanted: at least 85 %; 90 % on 2026-11-30)');
  expect(asText(beside)).toContain('recorded at abc1234 on this kind of machine, load 0.3 before it');
});

test('that the recorded run was on another machine is said', () => {
  const former = recorded(machine.date, [report([])], { ...machine, processor: 'Another', cores: 64 });
  expect(asText(besideRecorded(report([]), 0, former, machine))).toContain(
    'on another machine (Another, 64 cores, 8 GiB, Node v20.20.2)',
  );
});
