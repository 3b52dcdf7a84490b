import { type AdminPerson, foldUsername, type Person, type SuspensionsQuery } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound, refused, unauthenticated } from '../../core/errors.js';
import type { Logger } from '../../logger.js';
import type { AccountRow, AccountRows } from './account.model.js';
import type { AdminCode } from './admin-code.js';
import type { Sessions } from './sessions.js';

export interface AdminsDeps {
  accounts: AccountRows;
  adminCode: AdminCode;
  sessions: Pick<Sessions, 'endAllOf'>;
  /** How a person is shown to others. */
  toPerson: (row: Pick<AccountRow, '_id' | 'fullName' | 'username'>) => Person;
  log: Pick<Logger, 'info'>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Who is an admin, and what admins see of accounts and do to them. */
export function createAdmins({ accounts, adminCode, sessions, toPerson, log, now }: AdminsDeps) {
  const toAdminPerson = (account: AccountRow): AdminPerson => ({
    ...toPerson(account),
    admin: account.admin,
    suspendedAt: account.suspendedAt?.toISOString() ?? null,
  });

  async function adminPerson(id: string): Promise<AdminPerson> {
    const account = await accounts.byId(id);
    if (account === null) throw notFound();
    return toAdminPerson(account);
  }

  async function isAdmin(userId: string): Promise<boolean> {
    return (await accounts.byId(userId))?.admin === true;
  }

  async function redeem<Made>(code: string, make: () => Promise<Made>): Promise<Made> {
    return adminCode.redeem(code, async () => {
      // Another server may have made one meanwhile: its code was another, and there is to be one by code.
      if (await accounts.anyAdmin()) {
        throw new AppError('FORBIDDEN', 'This server has an admin already');
      }
      const made = await make();
      log.info('The admin code was used');
      return made;
    });
  }

  return {
    redeem,

    /**
     * Ends every session of this person everywhere, sockets included, and lets none begin. Again is once.
     * @throws AppError "NOT_FOUND"; "REFUSED" for an admin, whom only the owner of the machine can take the right from
     */
    async suspend(id: string): Promise<AdminPerson> {
      if (!(await accounts.suspend(id, new Date(now())))) {
        await adminPerson(id);
        throw refused('adminSuspension', 'An admin cannot be suspended');
      }
      await sessions.endAllOf(id, 'suspended');
      return adminPerson(id);
    },

    /** Lets somebody sign in again. Who was not suspended stays as they are. @throws AppError "NOT_FOUND" */
    async unsuspend(id: string): Promise<AdminPerson> {
      await accounts.unsuspend(id, new Date(now()));
      return adminPerson(id);
    },

    /** @throws AppError "NOT_FOUND" */
    adminPerson,

    /** Everybody who may not sign in, by id. @returns `next`: the `after` of the next page, null on the last one */
    async suspended({
      limit,
      after,
    }: SuspensionsQuery): Promise<{ people: AdminPerson[]; next: string | null }> {
      const found = await accounts.suspended(limit + 1, after);
      const page = found.slice(0, limit);
      return {
        people: page.map(toAdminPerson),
        next: found.length > limit ? (page.at(-1)?._id ?? null) : null,
      };
    },

    /** People as admins see them; an id that nobody has is missing from the map. */
    async adminPeople(ids: readonly string[]): Promise<Map<string, AdminPerson>> {
      if (ids.length === 0) return new Map();
      const found = await accounts.byIds(ids);
      return new Map(found.map((account) => [account._id, toAdminPerson(account)]));
    },

    /** Makes the caller an admin by the one-time code; an admin stays one. @throws AppError "FORBIDDEN" for a wrong code */
    async becomeAdmin({ userId }: Caller, code: string): Promise<void> {
      if (await isAdmin(userId)) return;
      await redeem(code, async () => {
        if (!(await accounts.makeAdmin(userId))) throw unauthenticated();
      });
    },

    isAdmin,
  };
}

/**
 * Makes somebody an admin, for the machine's owner, who needs no code; afterwards there is none.
 * @returns false where nobody has that name
 */
export async function grantAdmin(
  { accounts, adminCode }: { accounts: AccountRows; adminCode: AdminCode },
  username: string,
): Promise<boolean> {
  const account = await accounts.byUsernameKey(foldUsername(username.trim()));
  if (account === null || !(await accounts.makeAdmin(account._id))) return false;
  await adminCode.remove();
  return true;
}
