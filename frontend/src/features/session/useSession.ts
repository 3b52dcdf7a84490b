import type { Login, Person, Signup } from '@sori/contract';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';

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

/** Who is signed in here, and the ways in and out. */
export function useSession(): Session {
  const { signUp, logIn, logOut } = useClient();
  const status = useAppStore((state) => state.status);
  const me = useAppStore((state) => state.me);
  const ways = { signUp, logIn, logOut };
  if (status === 'signedIn' && me !== null) return { status, me, ...ways };
  // A guest of an open room has no account either.
  return { status: status === 'unknown' ? 'unknown' : 'signedOut', me: null, ...ways };
}
