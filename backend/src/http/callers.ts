import type { IncomingHttpHeaders } from 'node:http';
import type { Who } from '@sori/contract';
import type { Request, RequestHandler, Response } from 'express';
import type { Caller } from '../core/caller.js';
import { notFound, unauthenticated } from '../core/errors.js';
import { admitted } from './admission.js';
import { tokenOf, tokensOf } from './session-cookie.js';

/** Who has this token; null where it is no token of ours or its session ended. Throws while the database is away. */
export type Authenticate = (token: string) => Promise<Caller | null>;

/** Who calls a route, as far as its row wants to know. */
export interface Callers {
  anyone: null;
  known: Caller | null;
  visitor: Caller;
  account: Caller;
  admin: Caller;
}

export interface AskerDeps {
  /** Accounts only. */
  account: Authenticate;
  /** An account, or the guest of a room. */
  visitor: Authenticate;
  /** Called with every visitor who is let through. */
  seen: (caller: Caller) => Promise<void>;
  isAdmin: (userId: string) => Promise<boolean>;
}

/** Whoever is asking: an account, or the guest of a room; null for a stranger. An account counts for more. */
export async function visitorOf(headers: IncomingHttpHeaders, visitor: Authenticate): Promise<Caller | null> {
  for (const token of tokensOf(headers)) {
    const caller = await visitor(token);
    if (caller !== null) return caller;
  }
  return null;
}

async function accountOf(headers: IncomingHttpHeaders, account: Authenticate): Promise<Caller | null> {
  const token = tokenOf(headers);
  return token === undefined ? null : account(token);
}

export type Askers = { [W in Who]: (request: Request, response: Response) => Promise<Callers[W]> };

/**
 * Finds out who asks: counted as theirs, and made to wait where it is heavy.
 * @throws AppError RATE_LIMITED, BUSY, and for whoever may not UNAUTHENTICATED or, where only admins may, NOT_FOUND
 */
export const createAskers = ({ account, visitor, seen, isAdmin }: AskerDeps): Askers => ({
  anyone: () => Promise.resolve(null),

  async known({ headers }, response) {
    const caller = await visitorOf(headers, visitor);
    if (caller !== null) await admitted(response, caller.userId);
    return caller;
  },

  // Which room is a guest's is for the services to see to.
  async visitor({ headers }, response) {
    const caller = await visitorOf(headers, visitor);
    if (caller === null) throw unauthenticated();
    await seen(caller);
    await admitted(response, caller.userId);
    return caller;
  },

  async account({ headers }, response) {
    const caller = await accountOf(headers, account);
    if (caller === null) throw unauthenticated();
    await admitted(response, caller.userId);
    return caller;
  },

  async admin({ headers }, response) {
    const caller = await accountOf(headers, account);
    if (caller === null) throw notFound();
    // Who may not is counted as well: being refused costs a look, too.
    await admitted(response, caller.userId);
    if (!(await isAdmin(caller.userId))) throw notFound();
    return caller;
  },
});

/** Paths below which whoever is not signed in is answered so first, also where there is nothing. */
const behindSignIn = /^\/(?:messages|conversations|reports|me\/settings|bootstrap)(?:\/|$)/i;

/** Behind all routes: what leads nowhere counts as well for whoever asks, and is then for others to refuse. */
export const countLost =
  ({ account, known }: Askers): RequestHandler =>
  async (request, response, next) => {
    await (behindSignIn.test(request.path) ? account : known)(request, response);
    next();
  };
