import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What figures depend on besides the program. */
export interface Machine {
  date: string;
  /** What was measured, as git names it; absent where git does not know. */
  commit?: string;
  node: string;
  system: string;
  processor: string;
  cores: number;
  memoryGiB: number;
  /** How many processes wanted a processor in the last minute before: what else the machine did. */
  loadBefore: number;
}

function commit(): string | undefined {
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    }).trim();
  } catch {
    return undefined;
  }
}

/** This one, now. */
export function describeMachine(): Machine {
  const known = commit();
  return {
    date: new Date().toISOString(),
    ...(known !== undefined && { commit: known }),
    node: process.version,
    system: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore: loadavg()[0] ?? NaN,
  };
}

export const machineAsText = ({ processor, cores, memoryGiB, node }: Machine): string =>
  `${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}`;
