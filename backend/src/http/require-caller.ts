import type { IncomingHttpHeaders } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import type { Caller } from '../core/caller.js';
import { unauthenticated } from '../core/errors.js';
import { admitted } from './admission.js';
import { tokenOf, tokensOf } from './session-cookie.js';

/** Who has this token; null where it is no token of ours or its session ended. Throws while the database is away. */
export type Authenticate = (token: string) => Promise<Caller | null>;

/** Lets only those through who are signed in. @throws AppError "UNAUTHENTICATED" */
export const requireCaller =
  (authenticate: Authenticate): RequestHandler =>
  async (request, response, next) => {
    const token = tokenOf(request.headers);
    const caller = token === undefined ? null : await authenticate(token);
    if (caller === null) throw unauthenticated();
    await letThrough(response, caller);
    next();
  };

export interface Visitors {
  /** An account, or the guest of a room. */
  authenticate: Authenticate;
  /** Is told of everybody who is let through. */
  seen: (caller: Caller) => Promise<void>;
}

/** Whoever is asking: an account, or the guest of a room; null for a stranger. An account counts for more. */
export async function visitorOf(
  headers: IncomingHttpHeaders,
  authenticate: Authenticate,
): Promise<Caller | null> {
  for (const token of tokensOf(headers)) {
    const caller = await authenticate(token);
    if (caller !== null) return caller;
  }
  return null;
}

/**
 * Lets accounts through, and guests to what `guestsMay` says; which room is theirs is for the services to see to. What it
 * does not name is an account's, so that a new call is closed to guests until somebody opens it.
 * @throws AppError "UNAUTHENTICATED"
 */
export const requireVisitor =
  ({ authenticate, seen }: Visitors, guestsMay: (request: Request) => boolean): RequestHandler =>
  async (request, response, next) => {
    const caller = await visitorOf(request.headers, authenticate);
    if (caller === null || (caller.guest && !guestsMay(request))) throw unauthenticated();
    await seen(caller);
    await letThrough(response, caller);
    next();
  };

/** Behind all routes: what leads nowhere counts as well for whoever asks, and is then for others to refuse. */
export const countLost =
  (authenticate: Authenticate): RequestHandler =>
  async (request, response, next) => {
    const caller = await visitorOf(request.headers, authenticate);
    if (caller !== null) await admitted(response, caller.userId);
    next();
  };

/** From here on it is known who is asking: counted, and made to wait where it is heavy. @throws AppError RATE_LIMITED, BUSY */
export async function letThrough(response: Response, caller: Caller): Promise<void> {
  response.locals['caller'] = caller;
  await admitted(response, caller.userId);
}

/** Who is asking, behind `requireCaller` or `requireVisitor`. */
export function callerOf({ locals }: Response): Caller {
  const caller: unknown = locals['caller'];
  if (caller === undefined) throw new Error('This route is not behind requireCaller');
  return caller as Caller;
}
