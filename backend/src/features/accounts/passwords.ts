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
   * However the same letters are composed. Without a hash (there is no such account) it takes the same time and answers
   * false.
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

/**
 * What a hash may have been made of: NFC is what is hashed now; older hashes are of whatever came, which from some systems
 * was NFD. For most passwords all of these are one. bcrypt does not read on after 72 bytes, and would take any longer
 * password that begins with the right one: none of those was ever hashed.
 */
const formsOf = (password: string): string[] =>
  [...new Set([password.normalize('NFC'), password, password.normalize('NFD')])].filter(
    (form) => utf8Bytes(form) <= limits.passwordMaxBytes,
  );

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
  // Whoever needs it gets the failure; before that it must not end the process.
  nobodys.catch(() => undefined);

  return {
    hash,
    async matches(given, stored, address) {
      const hash = stored ?? (await nobodys);
      // Each takes a turn of its own: who needs three waits three times, and nobody else does.
      for (const password of formsOf(given)) {
        if ((await run(address, { kind: 'compare', password, hash })) === true) return stored !== undefined;
      }
      return false;
    },
    close: () => pool.close({ force: true }),
  };
}
