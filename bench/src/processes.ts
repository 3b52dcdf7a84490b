import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killPrograms } from '@sori/testkit';

/** Folders that the benchmark made, and that must not outlive it, however it ends. */
const folders = new Set<string>();

/** A folder that is gone when the benchmark ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sori-bench-'));
  folders.add(folder);
  return folder;
}

/** Ends whatever is still there at once. What the server started ends with it: its pipe closes. */
export function endAll(): void {
  killPrograms();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

const ticksPerSecond = 100;

/** Processor time that a process has taken so far, in ms; NaN where the system does not tell. */
export function cpuMsOf(pid: number | null): number {
  try {
    const stat = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8');
    // The name, in parentheses, may have spaces in it; the times are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
  } catch {
    return NaN;
  }
}
