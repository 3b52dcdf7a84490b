import { foldUsername, type Person, type Signup } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { unauthenticated } from '../../core/errors.js';
import type { Store } from '../../database/connect.js';
import type { Limits } from '../../limits/limits.js';
import type { Logger } from '../../logger.js';
import type { Emitter } from '../../realtime/emitter.js';
import { type AccountRow, accountsOn, usernameTaken } from './account.model.js';
import { createAdminCode } from './admin-code.js';
import { createAdmins, grantAdmin } from './admins.js';
import { createPasswords, type Passwords } from './passwords.js';
import { createSessions } from './sessions.js';
import { createSignIn, type SignedIn } from './sign-in.js';

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
  const { redeem, ...admins } = createAdmins({ accounts, adminCode, sessions, toPerson, log, now });
  const signUpListeners = new Set<(person: Person) => void>();
  let sweeper: NodeJS.Timeout | undefined;

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
        // The person is there and signed in; that others were not notified is no reason to say otherwise.
        log.warn({ reason: String(error) }, 'A sign-up could not be announced');
      }
    }
  }

  return {
    ...createSignIn({ accounts, sessions, passwords, limits, toPerson }),
    ...admins,

    /** The admin code where there is no admin, and the sweeping of expired sessions. Before anything is served. */
    async prepare(): Promise<void> {
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

    /** @throws AppError "UNAUTHENTICATED" where the person is no longer there */
    async me({ userId }: Caller): Promise<Person> {
      const account = await accounts.byId(userId);
      if (account === null) throw unauthenticated();
      return toPerson(account);
    },

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
}
