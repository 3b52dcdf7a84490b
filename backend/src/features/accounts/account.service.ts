import type { Person } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { unauthenticated } from '../../core/errors.js';
import type { Store } from '../../database/connect.js';
import type { Limits } from '../../limits/limits.js';
import type { Logger } from '../../logger.js';
import type { Emitter } from '../../realtime/emitter.js';
import { accountsOn } from './account.model.js';
import { createAdminCode } from './admin-code.js';
import { createAdmins, grantAdmin } from './admins.js';
import { createPasswords, type Passwords } from './passwords.js';
import { createSessions } from './sessions.js';
import { createSignIn } from './sign-in.js';
import { createSignUp, type SignUpDeps } from './sign-up.js';

export interface AccountsDeps extends Pick<SignUpDeps, 'toPerson' | 'searchKeysOf'> {
  store: Pick<Store, 'connection'>;
  config: { jwtSecret: string; sessionTtlSeconds: number; dataDir: string };
  log: Pick<Logger, 'info' | 'warn'>;
  emit: Pick<Emitter, 'endSession'>;
  limits: Pick<Limits, 'signupsPerAddress' | 'loginsPerAddress' | 'logins'>;
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
  let sweeper: NodeJS.Timeout | undefined;

  async function sweep(): Promise<void> {
    try {
      await sessions.removeExpired();
    } catch (error) {
      log.warn({ reason: String(error) }, 'Expired sessions could not be swept; the next round will');
    }
  }

  return {
    ...createSignIn({ accounts, sessions, passwords, limits, toPerson }),
    ...createSignUp({ accounts, sessions, passwords, limits, redeem, toPerson, searchKeysOf, log }),
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

    /** @throws AppError "UNAUTHENTICATED" where the person is no longer there */
    async me({ userId }: Caller): Promise<Person> {
      const account = await accounts.byId(userId);
      if (account === null) throw unauthenticated();
      return toPerson(account);
    },

    sessionEndedElsewhere: sessions.endedElsewhere,

    /** Ends those of these sessions here that another server ended. */
    endMissing: (those: readonly { sessionId: string; userId: string }[]): Promise<void> =>
      sessions.endMissing(those, async (userIds) => {
        const people = await admins.adminPeople([...new Set(userIds)]);
        return (userId) => (people.get(userId)?.suspendedAt ? 'suspended' : 'logout');
      }),

    /** Removes sessions that are over; done every ten minutes by itself. */
    sweep,

    grantAdmin: (username: string) => grantAdmin({ accounts, adminCode }, username),

    async close(): Promise<void> {
      clearInterval(sweeper);
      await passwords.close();
    },
  };
}
