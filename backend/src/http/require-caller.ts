import type { RequestHandler, Response } from 'express';
import type { Caller } from '../core/caller.js';
import { unauthenticated } from '../core/errors.js';
import { tokenOf } from './session-cookie.js';

/** Who has this token; null where it is no token of ours or its session ended. Throws while the database is away. */
export type Authenticate = (token: string) => Promise<Caller | null>;

/** Lets only those through who are signed in. @throws AppError "UNAUTHENTICATED" */
export const requireCaller =
  (authenticate: Authenticate): RequestHandler =>
  async (request, response, next) => {
    const token = tokenOf(request.headers);
    const caller = token === undefined ? null : await authenticate(token);
    if (caller === null) throw unauthenticated();
    response.locals['caller'] = caller;
    next();
  };

/** Who is asking, behind `requireCaller`. */
export function callerOf({ locals }: Response): Caller {
  const caller: unknown = locals['caller'];
  if (caller === undefined) throw new Error('This route is not behind requireCaller');
  return caller as Caller;
}
