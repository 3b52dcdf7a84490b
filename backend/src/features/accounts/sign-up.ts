import { foldUsername, type Person, type Signup } from '@sori/contract';
import type { Limits } from '../../limits/limits.js';
import type { Logger } from '../../logger.js';
import { type AccountRow, type AccountRows, usernameTaken } from './account.model.js';
import type { Passwords } from './passwords.js';
import type { Sessions } from './sessions.js';
import type { SignedIn } from './sign-in.js';

export interface SignUpDeps {
  accounts: Pick<AccountRows, 'isTaken' | 'insert'>;
  sessions: Pick<Sessions, 'open'>;
  passwords: Pick<Passwords, 'hash'>;
  limits: Pick<Limits, 'signupsPerAddress'>;
  /** Uses up the one-time admin code for what is made; throws FORBIDDEN. */
  redeem: <Made>(code: string, make: () => Promise<Made>) => Promise<Made>;
  /** How a person is shown to others. */
  toPerson: (row: Pick<AccountRow, '_id' | 'fullName' | 'username'>) => Person;
  /** What people search finds somebody by, and which version of its rules that is. */
  searchKeysOf: (names: Pick<AccountRow, 'fullName' | 'username'>) => {
    searchKeys: string[];
    searchKeysVersion: number;
  };
  log: Pick<Logger, 'warn'>;
}

/** How people come to have an account. */
export function createSignUp(deps: SignUpDeps) {
  const { accounts, sessions, passwords, limits, redeem, toPerson, searchKeysOf, log } = deps;
  const signUpListeners = new Set<(person: Person) => void>();

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

    /** Calls `listener` with everybody who signs up on this server from now on. Returns how to stop that. */
    onSignUp(listener: (person: Person) => void): () => void {
      signUpListeners.add(listener);
      return () => void signUpListeners.delete(listener);
    },
  };
}
