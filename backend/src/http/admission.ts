import type { IncomingHttpHeaders } from 'node:http';
import { methodAndPath } from '@sori/contract';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Caller } from '../core/caller.js';
import { AppError } from '../core/errors.js';
import { bodyCost, ordinary, type Price, type PricedRoute, routePrices } from '../limits/costs.js';
import type { Limits } from '../limits/limits.js';
import type { EndTurn, Turns } from '../limits/turns.js';
import { addressOf } from './address.js';
import { lengthOfBody } from './body.js';
import { expressMethods } from './express-methods.js';

export interface AdmissionDeps {
  limits: Pick<Limits, 'requestsPerAddress' | 'requestsPerUser'>;
  turns: Turns;
  trustProxyHops: number;
  /** Who is asking, as far as the headers say. */
  whose: (headers: IncomingHttpHeaders) => Promise<Pick<Caller, 'userId'> | null>;
}

/** What is kept with an answer while it is being made. */
interface Admission {
  price?: Price;
  /** Counts the request as this person's, and waits for its turn where it is heavy. */
  admit?: (userId: string) => Promise<void>;
  endTurn?: EndTurn;
}
const admissionOf = ({ locals }: Response): Admission => {
  const kept = locals as { admission?: Admission };
  return (kept.admission ??= {});
};

/**
 * Counts every request under `/api` by its address, before anybody reads its body or looks who is asking. Who is asking is
 * then for `admitted`; only a long body is counted as theirs before it is read.
 */
export function createAdmission({ limits, turns, trustProxyHops, whose }: AdmissionDeps): RequestHandler {
  const priceOf = createPrices();
  return async (request, response, next) => {
    const price = priceOf(request, response);
    const cost = (): number => price.cost({ query: request.query, body: request.body });
    if (cost() > 0) {
      // A flood of refused requests must not cost the server their bodies.
      const forBody = price.takesBytes ? 0 : bodyCost(lengthOfBody(request));
      await limits.requestsPerAddress.take(addressOf(request, trustProxyHops), cost() + forBody);
      const caller = forBody > 0 ? await whose(request.headers) : null;
      if (caller) await limits.requestsPerUser.take(caller.userId, forBody);
    }
    admissionOf(response).admit = async (userId) => {
      if (cost() > 0) await limits.requestsPerUser.take(userId, cost());
      if (price.heavy) await waitForTurn(turns, userId, request, response);
    };
    next();
  };
}

/** To be called once it is known who is asking. @throws AppError RATE_LIMITED, BUSY, UNAVAILABLE */
export async function admitted(response: Response, userId: string): Promise<void> {
  const admission = admissionOf(response);
  const { admit } = admission;
  // Who is looked at twice on the way is one request.
  delete admission.admit;
  await admit?.(userId);
}

/** True where the body is not JSON, and is read by the route as it comes. */
export const takesBytes = (response: Response): boolean => admissionOf(response).price?.takesBytes === true;

/** To be called when the answer to a request is known to be this error: whoever waits behind it may go on. */
export function failed(response: Response, error: AppError): void {
  admissionOf(response).endTurn?.(error);
}

async function waitForTurn(
  turns: Turns,
  userId: string,
  request: Request,
  response: Response,
): Promise<void> {
  if (response.closed) throw new AppError('BUSY', 'Nobody waits for this any more');
  const leave = (): void => turns.leave(userId, request);
  response.once('close', leave);
  const endTurn = await turns.take(userId, request).finally(() => response.off('close', leave));
  admissionOf(response).endTurn = endTurn;
  // The turn is over when the answer is made, not when it has arrived: a reader who does not read would keep it for ever.
  // Nor is it when its reader has gone: what was begun for them still goes on.
  const end = response.end.bind(response) as (...given: unknown[]) => Response;
  response.end = ((...given: unknown[]) => {
    endTurn();
    return end(...given);
  }) as Response['end'];
}

/** Looks prices up with Express's own matching, so that no way to write a path gets another price than its route. */
function createPrices() {
  const reading = Router();
  const changing = Router();
  /** What their paths begin with: for most requests, sends above all, that is all there is to look at. */
  const beginnings = new Map([reading, changing].map((router) => [router, new Set<string>()]));
  for (const [route, price] of Object.entries(routePrices) as [PricedRoute, Price][]) {
    // What is not found is ordinary: there is less to look at without it.
    if (price === ordinary) continue;
    const { method, path } = methodAndPath(route);
    // It is asked below the prefix.
    const below = path.slice('/api'.length);
    // It goes on to nothing: what was looked for is found.
    const found: RequestHandler = (_request, response) => {
      admissionOf(response).price = price;
    };
    const router = method === 'GET' || method === 'HEAD' ? reading : changing;
    beginnings.get(router)?.add(firstPart(below));
    router[expressMethods[method]](below, found);
  }
  return (request: Request, response: Response): Price => {
    // A router answers these by itself.
    if (request.method === 'OPTIONS') return ordinary;
    const router = request.method === 'GET' || request.method === 'HEAD' ? reading : changing;
    if (beginnings.get(router)?.has(firstPart(request.path)) !== true) return ordinary;
    // Nothing in there waits, so it is known when this returns. A path that cannot be read is for the routes to refuse.
    // A request of its own, since a router writes into the one that it is given, and puts things back when it likes.
    router(Object.create(request) as Request, response, () => undefined);
    return admissionOf(response).price ?? ordinary;
  };
}

/** Express does not care about upper and lower case. */
const firstPart = (path: string): string => path.split('/', 2)[1]?.toLowerCase() ?? '';
