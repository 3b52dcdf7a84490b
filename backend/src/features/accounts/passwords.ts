import { availableParallelism } from 'node:os';
import { limits, utf8Bytes } from '@sori/contract';
import { Piscina } from 'piscina';
import { compiledProgram } from '../../database/paths.js';
import { createFairQueue } from './fair-queue.js';
import type { PasswordJob } from './password-worker.js';

/**
 * Hashes passwords, in threads of their own: one takes a tenth of a second, in which no message would be delivered. By turns
 * of those who ask: `address` is what `addressOf` says.
 */
export interface Passwords {
  /** @throws AppError "BUSY" when too many wait */
  hash(password: string, address: string): Promise<string>;
  /**
   * Without a hash (there is no such account) it takes the same time and answers false.
   * @throws AppError "BUSY" when too many wait
   */
  matches(password: string, hash: string | undefined, address: string): Promise<boolean>;
  close(): Promise<void>;
}

/** About 100 ms a hash; 12 would take 440 ms. */
const defaultCost = 10;
/** With two threads the last of them waits for about 15 s, which is as long as anybody looks at a form. */
const waitingMax = 300;
/** What one office may take of it. */
const waitingPerAddress = 150;
/** Whose turn it is when it is nobody's. */
const ours = '';

export function createPasswords({ cost = defaultCost }: { cost?: number } = {}): Passwords {
  const threads = Math.max(1, Math.min(4, availableParallelism()));
  const pool = new Piscina<PasswordJob, string | boolean>({
    filename: compiledProgram('features/accounts/password-worker.js'),
    minThreads: 1,
    maxThreads: threads,
    idleTimeout: 30_000,
  });
  // What waits does so here and not in the pool, which knows no turns.
  const queue = createFairQueue({
    atOnce: threads,
    waitingPerKey: waitingPerAddress,
    waitingInAll: waitingMax,
  });
  const run = (address: string, job: PasswordJob): Promise<string | boolean> =>
    queue.run(address, () => pool.run(job));
  const hash = async (password: string, address: string): Promise<string> =>
    String(await run(address, { kind: 'hash', password, cost }));

  // Made before anybody asks: making it on demand would betray, by its time, that the account does not exist.
  const nobodys = hash('nobody has this password', ours);
  // Whoever needs it hears of the failure; before that it must not end the process.
  nobodys.catch(() => undefined);

  return {
    hash,
    async matches(password, stored, address) {
      const same = await run(address, { kind: 'compare', password, hash: stored ?? (await nobodys) });
      // bcrypt does not read on after 72 bytes, and would take any longer password that begins with the right one.
      return same === true && stored !== undefined && utf8Bytes(password) <= limits.passwordMaxBytes;
    },
    close: () => pool.close({ force: true }),
  };
}
