import {
  type AdminPerson,
  foldUsername,
  type Login,
  type Person,
  type Signup,
  type SuspensionsQuery,
} from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound, refused, unauthenticated } from '../../core/errors.js';
import type { Store } from '../../database/connect.js';
import { accountAndAddress, type Limits } from '../../limits/limits.js';
import type { Logger } from '../../logger.js';
import type { Emitter } from '../../realtime/emitter.js';
import { type AccountRow, type AccountRows, accountsOn, usernameTaken } from './account.model.js';
import { type AdminCode, createAdminCode } from './admin-code.js';
import { createPasswords, type Passwords } from './passwords.js';
import { createSessions, type LiveSession } from './sessions.js';

export interface AccountsDeps {
  store: Pick<Store, 'connection'>;
  config: { jwtSecret: string; sessionTtlSeconds: number; dataDir: string };
  log: Pick<Logger, 'info' | 'warn'>;
  emit: Pick<Emitter, 'endSession'>;
  limits: Pick<Limits, 'signupsPerAddress' | 'loginsPerAddress' | 'logins'>;
  /** How a person is shown to others. */
  toPerson: (row: Pick<AccountRow, '_id' | 'fullName' | 'username'>) => Person;
  /** What people search finds somebody by, and which version of its rules that is. */
  searchKeysOf: (names: Pick<AccountRow, 'fullName' | 'username'>) => {
    searchKeys: string[];
    searchKeysVersion: number;
  };
  /** Shows the one-time admin code to the person who started the server; not to a log, which others may read. */
  showAdminCode?: (code: string) => void;
  passwords?: Passwords | undefined;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** A person, and the token that a client shows from now on. */
export interface SignedIn {
  person: Person;
  token: string;
}

export type Accounts = ReturnType<typeof createAccounts>;

/** Expired sessions are never answered; this only keeps them from piling up. */
const sweepEveryMs = 10 * 60 * 1_000;

/** Who people are: sign-up, log-in, sessions, and who is an admin. `address` is what `addressOf` says. */
export function createAccounts({
  store,
  config,
  log,
  emit,
  limits,
  toPerson,
  searchKeysOf,
  showAdminCode = () => undefined,
  passwords = createPasswords(),
  now = Date.now,
}: AccountsDeps) {
  const accounts = accountsOn(store);
  const sessions = createSessions({
    store,
    jwtSecret: config.jwtSecret,
    ttlSeconds: config.sessionTtlSeconds,
    emit,
    now,
  });
  const adminCode = createAdminCode(config.dataDir);
  const signUpListeners = new Set<(person: Person) => void>();
  let sweeper: NodeJS.Timeout | undefined;

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

  async function sweep(): Promise<void> {
    try {
      await sessions.removeExpired();
    } catch (error) {
      log.warn({ reason: String(error) }, 'Expired sessions could not be swept; the next round will');
    }
  }

  function announce(person: Person): void {
    for (const listener of signUpListeners) {
      try {
        listener(person);
      } catch (error) {
        // The person is there and signed in; that others were not told is no reason to say otherwise.
        log.warn({ reason: String(error) }, 'A sign-up could not be announced');
      }
    }
  }

  return {
    /** Indexes, the admin code where there is no admin, and the sweeping of expired sessions. Before anything is served. */
    async prepare(): Promise<void> {
      await accounts.prepare();
      await sessions.prepare();
      if (await accounts.anyAdmin()) await adminCode.remove();
      else {
        const made = await adminCode.prepare();
        if (made !== undefined) showAdminCode(made);
      }
      sweeper = setInterval(() => void sweep(), sweepEveryMs).unref();
    },

    /**
     * Saves a new person and signs them in. Nothing is there before the row is.
     * @throws AppError "USERNAME_TAKEN", "RATE_LIMITED", "BUSY"; "FORBIDDEN" for a wrong `adminCode`
     */
    async signUp(form: Signup, address: string): Promise<SignedIn> {
      await limits.signupsPerAddress.take(address);
      const { fullName, username, password } = form;
      const usernameKey = foldUsername(username);
      // Asked before the tenth of a second that hashing takes; the unique indexes decide all the same.
      if (await accounts.isTaken({ username, usernameKey })) throw usernameTaken();
      const save = async (admin: boolean): Promise<AccountRow> =>
        accounts.insert({
          fullName,
          username,
          usernameKey,
          passwordHash: await passwords.hash(password, address),
          admin,
          ...searchKeysOf({ fullName, username }),
        });
      const code = form.adminCode?.trim();
      const account = code ? await redeem(code, () => save(true)) : await save(false);
      const { token } = await sessions.open(account._id);
      const person = toPerson(account);
      announce(person);
      return { person, token };
    },

    /**
     * @throws AppError "INVALID_CREDENTIALS" for an unknown name and a wrong password alike, after the same time;
     * "RATE_LIMITED" after too many of those, or of any from this address, "BUSY"; "REFUSED" for the right password of somebody who is suspended
     */
    async logIn({ username, password }: Login, address: string): Promise<SignedIn> {
      await limits.loginsPerAddress.take(address);
      const usernameKey = foldUsername(username);
      let account = null as AccountRow | null;
      const right = await limits.logins.run([address, accountAndAddress(usernameKey, address)], async () => {
        account = await accounts.byUsernameKey(usernameKey);
        return passwords.matches(password, account?.passwordHash, address);
      });
      if (!right || account === null) {
        throw new AppError('INVALID_CREDENTIALS', 'Wrong username or password');
      }
      if (account.suspendedAt) throw suspended();
      const { sessionId, token } = await sessions.open(account._id);
      // Who suspends removes the sessions that are there; one that came a moment later is removed here.
      if ((await accounts.byId(account._id))?.suspendedAt) {
        await sessions.end(sessionId, 'suspended');
        throw suspended();
      }
      return { person: toPerson(account), token };
    },

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

    /** Ends the session of this token here and everywhere, its sockets included. Any other token is nothing to end. */
    async logOut(token: string | undefined): Promise<void> {
      const sessionId = token === undefined ? null : sessions.named(token);
      if (sessionId !== null) await sessions.end(sessionId, 'logout');
    },

    /** @throws AppError "UNAUTHENTICATED" where the person is no longer there */
    async me({ userId }: Caller): Promise<Person> {
      const account = await accounts.byId(userId);
      if (account === null) throw unauthenticated();
      return toPerson(account);
    },

    authenticate: (token: string): Promise<LiveSession | null> => sessions.authenticate(token),
    sessionEndsAt: (sessionId: string): Promise<Date | null> => sessions.endsAt(sessionId),

    /** Makes the caller an admin by the one-time code; an admin stays one. @throws AppError "FORBIDDEN" for a wrong code */
    async becomeAdmin({ userId }: Caller, code: string): Promise<void> {
      if (await isAdmin(userId)) return;
      await redeem(code, async () => {
        if (!(await accounts.makeAdmin(userId))) throw unauthenticated();
      });
    },

    isAdmin,

    /** Removes sessions that are over; done every ten minutes by itself. */
    sweep,

    grantAdmin: (username: string) => grantAdmin({ accounts, adminCode }, username),

    /** Calls `listener` with everybody who signs up on this server from now on. Returns how to stop that. */
    onSignUp(listener: (person: Person) => void): () => void {
      signUpListeners.add(listener);
      return () => void signUpListeners.delete(listener);
    },

    async close(): Promise<void> {
      clearInterval(sweeper);
      await passwords.close();
    },
  };

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
}

const suspended = (): AppError => refused('suspended', 'This account is suspended');

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
