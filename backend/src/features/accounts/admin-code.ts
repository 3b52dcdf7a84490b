import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../core/errors.js';

/** The one-time code that makes the first admin: whoever can read this machine's files decides who that is. */
export interface AdminCode {
  /** Makes the code where there is none. @returns it where it is new, to be shown once */
  prepare(): Promise<string | undefined>;
  /**
   * Runs `make` for whoever knows the code, and uses the code up if that succeeds.
   * @throws AppError "FORBIDDEN" for another code, and where it was used already
   */
  redeem<Made>(code: string, make: () => Promise<Made>): Promise<Made>;
  /** There is an admin by another way. */
  remove(): Promise<void>;
}

// Neither 0 and o nor 1, i and l: it is read from a terminal and typed.
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const groups = 5;
const groupLength = 5;

const makeCode = (): string =>
  Array.from({ length: groups }, () =>
    Array.from({ length: groupLength }, () => alphabet.charAt(randomInt(alphabet.length))).join(''),
  ).join('-');

/** Hashed first, because only texts of one length can be compared in constant time. */
const digest = (code: string): Buffer => createHash('sha256').update(code).digest();
const same = (given: string, kept: string): boolean => timingSafeEqual(digest(given), digest(kept));

const hasCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

export function createAdminCode(dataDir: string): AdminCode {
  const path = join(dataDir, 'admin-code');
  let queue: Promise<unknown> = Promise.resolve();

  async function kept(): Promise<string | undefined> {
    try {
      return (await readFile(path, 'utf8')).trim() || undefined;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
  const remove = (): Promise<void> => rm(path, { force: true });

  async function redeemNow<Made>(code: string, make: () => Promise<Made>): Promise<Made> {
    const expected = await kept();
    if (expected === undefined || !same(code.trim(), expected)) {
      throw new AppError('FORBIDDEN', 'This is not the code of this server, or it was used already');
    }
    const made = await make();
    await remove();
    return made;
  }

  return {
    async prepare() {
      if ((await kept()) !== undefined) return undefined;
      await mkdir(dataDir, { recursive: true, mode: 0o700 });
      const code = makeCode();
      const file = await open(path, 'w', 0o600);
      try {
        // An empty file of an earlier, interrupted start may have other rights.
        await file.chmod(0o600);
        await file.writeFile(`${code}\n`);
      } finally {
        await file.close();
      }
      return code;
    },
    redeem(code, make) {
      // One after the other: two with the right code must not both find it unused.
      const redeemed = queue.then(() => redeemNow(code, make));
      queue = redeemed.catch(() => undefined);
      return redeemed;
    },
    remove,
  };
}
