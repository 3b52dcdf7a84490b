import {
  type RouteAnswer,
  type RouteBody,
  type RouteName,
  type RouteParams,
  type RouteQuery,
  type Routes,
  type Who,
  methodAndPath,
  routeNames,
  routes,
} from '@sori/contract';
import type { Express, Request, RequestHandler, Response } from 'express';
import type { Caller } from '../core/caller.js';
import { notFound, unauthenticated } from '../core/errors.js';
import { type Authenticate, letThrough, visitorOf, type Visitors } from './require-caller.js';
import { tokenOf } from './session-cookie.js';

/** Who is asking, as far as the row wants to know. */
interface Callers {
  anyone: null;
  known: Caller | null;
  visitor: Caller;
  account: Caller;
  admin: Caller;
}

/** What a handler is given: parsed by the row of the contract, asked by somebody who may. */
export interface Asked<Name extends RouteName> {
  caller: Callers[Routes[Name]['who']];
  params: RouteParams<Name>;
  query: RouteQuery<Name>;
  body: RouteBody<Name>;
}
type Answered<Answer> = [Answer] extends [undefined] ? Promise<void> : Promise<Answer> | Answer;
export type RouteHandler<Name extends RouteName> = (
  asked: Asked<Name>,
  request: Request,
  response: Response,
) => Answered<RouteAnswer<Name>>;
/** One handler per row of the contract. What it returns is sent with the row's status; what it throws becomes the error. */
export type RouteHandlers = { [Name in RouteName]: RouteHandler<Name> };

type Handlers<Name extends RouteName> = Pick<Partial<RouteHandlers>, Name>;

export interface Guards {
  /** Accounts only. */
  account: Authenticate;
  visitors: Visitors;
  isAdmin: (userId: string) => Promise<boolean>;
  /** Counts by the address what others hear of. @throws AppError RATE_LIMITED */
  countAudible: (request: Request) => Promise<void>;
}

interface Parser<Output> {
  parse(given: unknown): Output;
}
/** The contract's rows, seen in a way in which the compiler can follow a name to its input. */
const rows: {
  [Name in RouteName]: {
    who: Routes[Name]['who'];
    audible: boolean;
    idempotent: boolean;
    type: string;
    params: Parser<RouteParams<Name>>;
    query: Parser<RouteQuery<Name>>;
    body: Parser<RouteBody<Name>>;
    answers: Readonly<Record<number, unknown>>;
  };
} = routes;

type Askers = { [W in Who]: (request: Request, response: Response) => Promise<Callers[W]> };

/** Finds out who asks and lets them through, or throws what whoever may not is told. */
const createAskers = ({ account, visitors, isAdmin }: Guards): Askers => {
  async function accountOf(request: Request): Promise<Caller | null> {
    const token = tokenOf(request.headers);
    return token === undefined ? null : account(token);
  }
  return {
    anyone: () => Promise.resolve(null),
    async known(request, response) {
      const caller = await visitorOf(request.headers, visitors.authenticate);
      if (caller !== null) await letThrough(response, caller);
      return caller;
    },
    // Which room is a guest's is for the services to see to.
    async visitor(request, response) {
      const caller = await visitorOf(request.headers, visitors.authenticate);
      if (caller === null) throw unauthenticated();
      await visitors.seen(caller);
      await letThrough(response, caller);
      return caller;
    },
    async account(request, response) {
      const caller = await accountOf(request);
      if (caller === null) throw unauthenticated();
      await letThrough(response, caller);
      return caller;
    },
    async admin(request, response) {
      const caller = await accountOf(request);
      if (caller === null) throw notFound();
      // Who may not is counted as well: being refused costs a look, too.
      await letThrough(response, caller);
      if (!(await isAdmin(caller.userId))) throw notFound();
      return caller;
    },
  };
};

/**
 * Mounts handlers under the method and the path of their row. In this order: who asks, what it costs the address, whether
 * the input is as the row says; but where anyone may ask, the input comes first, so that nonsense costs no look at who it is.
 */
export function mountRoutes(app: Express, handlers: Handlers<RouteName>, guards: Guards): void {
  const askers = createAskers(guards);

  function mount<Name extends RouteName>(name: Name, { [name]: handle }: Handlers<Name>): void {
    if (handle === undefined) return;
    const row = rows[name];
    const [status] = Object.keys(row.answers).map(Number);

    const inputOf = (request: Request): Omit<Asked<Name>, 'caller'> => ({
      params: row.params.parse(request.params),
      query: row.query.parse(request.query),
      body: row.body.parse(row.idempotent ? withClientId(request) : bodyOf(request)),
    });

    async function askedBy(request: Request, response: Response): Promise<Asked<Name>> {
      if (row.who === 'known') {
        const input = inputOf(request);
        return { caller: await askers[row.who](request, response), ...input };
      }
      const caller = await askers[row.who](request, response);
      if (row.audible) await guards.countAudible(request);
      return { caller, ...inputOf(request) };
    }

    const answer: RequestHandler = async (request, response) => {
      const asked = await askedBy(request, response);
      const body = await Promise.resolve<unknown>(handle(asked, request, response));
      response.status(status ?? 200);
      if (body === undefined) response.end();
      else if (row.type === 'application/json') response.json(body);
      else response.type(row.type).send(body);
    };
    const { method, path } = methodAndPath(name);
    app[methods[method]](path, answer);
  }
  for (const name of routeNames) mount(name, handlers);
}

const bodyOf = ({ body }: { body?: unknown }): object =>
  typeof body === 'object' && body !== null ? body : {};

/** What a repeat is known by: the body says it, or else the header that others use for it. */
const withClientId = (request: Request): object => ({
  clientId: request.get('idempotency-key'),
  ...bodyOf(request),
});

const methods = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;
