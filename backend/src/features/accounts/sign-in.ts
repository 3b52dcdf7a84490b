import { foldUsername, type Login, type Person } from '@sori/contract';
import { AppError, refused } from '../../core/errors.js';
import { accountAndAddress, type Limits } from '../../limits/limits.js';
import type { AccountRow, AccountRows } from './account.model.js';
import type { Passwords } from './passwords.js';
import type { LiveSession, Sessions } from './sessions.js';

export interface SignInDeps {
  accounts: AccountRows;
  sessions: Sessions;
  passwords: Passwords;
  limits: Pick<Limits, 'loginsPerAddress' | 'logins'>;
  /** How a person is shown to others. */
  toPerson: (row: Pick<AccountRow, '_id' | 'fullName' | 'username'>) => Person;
}

/** A person, and the token that a client shows from now on. */
export interface SignedIn {
  person: Person;
  token: string;
}

/** How somebody who has an account signs in and out. */
export function createSignIn({ accounts, sessions, passwords, limits, toPerson }: SignInDeps) {
  return {
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

    /** Ends the session of this token here and everywhere, its sockets included. Any other token is nothing to end. */
    async logOut(token: string | undefined): Promise<void> {
      const sessionId = token === undefined ? null : sessions.named(token);
      if (sessionId !== null) await sessions.end(sessionId, 'logout');
    },

    authenticate: (token: string): Promise<LiveSession | null> => sessions.authenticate(token),
    sessionEndsAt: (sessionId: string): Promise<Date | null> => sessions.endsAt(sessionId),
  };
}

const suspended = (): AppError => refused('suspended', 'This account is suspended');
