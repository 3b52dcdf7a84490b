import { constants, setPriority } from 'node:os';
import { compareSync, hashSync } from 'bcryptjs';

// Runs in a worker thread. On Linux priorities are per thread, so that where cores are few, messages go first. Elsewhere
// this would slow the whole server down.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

export type PasswordJob =
  { kind: 'hash'; password: string; cost: number } | { kind: 'compare'; password: string; hash: string };

export default function work(job: PasswordJob): string | boolean {
  return job.kind === 'hash' ? hashSync(job.password, job.cost) : compareSync(job.password, job.hash);
}
