import {
  type RouteAnswer,
  type Row,
  type RouteBody,
  type RouteName,
  type RouteParams,
  type RouteQuery,
  type Routes,
  methodAndPath,
  routeNames,
  routes,
} from '@sori/contract';
import type { Express, Request, RequestHandler, Response } from 'express';
import { AppError, reportUnlisted } from '../core/errors.js';
import { type AskerDeps, type Callers, createAskers } from './callers.js';
import { expressMethods } from './express-methods.js';

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

export interface Guards extends AskerDeps {
  /** Counts by the address what is emitted to others. @throws AppError RATE_LIMITED */
  countEmits: (request: Request) => Promise<void>;
  report: (bug: unknown) => void;
}

interface Parser<Output> {
  parse(given: unknown): Output;
}
/** The contract's rows, seen in a way in which the compiler can follow a name to its input. */
const rows: {
  [Name in RouteName]: Row & {
    who: Routes[Name]['who'];
    emits: boolean;
    idempotent: boolean;
    type: string;
    params: Parser<RouteParams<Name>>;
    query: Parser<RouteQuery<Name>>;
    body: Parser<RouteBody<Name>>;
    answers: Readonly<Record<number, unknown>>;
  };
} = routes;

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
      if (row.emits) await guards.countEmits(request);
      return { caller, ...inputOf(request) };
    }

    const answerTo = async (request: Request, response: Response): Promise<unknown> => {
      try {
        const asked = await askedBy(request, response);
        return await Promise.resolve<unknown>(handle(asked, request, response));
      } catch (error) {
        if (error instanceof AppError) reportUnlisted(name, row, error, guards.report);
        throw error;
      }
    };

    const answer: RequestHandler = async (request, response) => {
      const body = await answerTo(request, response);
      // What is not JSON is written by its handler.
      if (row.type === 'bytes') return;
      response.status(status ?? 200);
      if (body === undefined) response.end();
      else if (row.type === 'application/json') response.json(body);
      else response.type(row.type).send(body);
    };
    const { method, path } = methodAndPath(name);
    app[expressMethods[method]](path, answer);
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
