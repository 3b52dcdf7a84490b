import type { Login, Person, Signup } from '@sori/contract';

export type Session = (
  | { status: 'signedIn'; me: Person }
  /** `unknown`: the server was not heard yet, neither page nor log-in form is right to show. */
  | { status: 'unknown' | 'signedOut'; me: null }
) & {
  /** All three throw an `ApiError`, e.g. `USERNAME_TAKEN`, `INVALID_CREDENTIALS`, `RATE_LIMITED`, `NO_ANSWER`. */
  signUp: (form: Signup) => Promise<void>;
  logIn: (form: Login) => Promise<void>;
  logOut: () => Promise<void>;
};

const notYet = () => Promise.resolve();

/** Who is signed in here, and the ways in and out. */
export function useSession(): Session {
  return { status: 'unknown', me: null, signUp: notYet, logIn: notYet, logOut: notYet };
}
