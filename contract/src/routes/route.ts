import * as z from 'zod/mini';
import type { ErrorCode } from '../errors.js';

export type Method = 'HEAD' | 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call a route. `anyone`: nobody asks who it is. `known`: anyone, too, but whoever has a session is known by it.
 * `visitor`: an account, or the guest of a room in that room. `account`: signed-in people. `admin`: to all others the route
 * is not there.
 */
export type Who = 'anyone' | 'known' | 'visitor' | 'account' | 'admin';

/** What the rows of all tables have: those of REST and those of sockets. */
export interface Row {
  who: Who;
  /** What may be wrong besides what `errorsOf` adds. */
  errors: readonly ErrorCode[];
}

/** One route of REST. Its key in the table is its method and its path, the path as Express writes it. */
export interface Route extends Row {
  /** One line for whoever reads the list. */
  summary: string;
  /** What stands in the path. */
  params: z.ZodMiniType;
  query: z.ZodMiniType;
  body: z.ZodMiniType;
  /** What it answers where nothing is wrong: one status, and the schema of its body; null where it has none. */
  answers: Readonly<Record<number, z.ZodMiniType | null>>;
  /** Emitted to others: counted by the address as well, since many accounts of one place have one budget. */
  emits: boolean;
  /**
   * The header `Idempotency-Key` may carry the body's `clientId`; the body's counts. The same again changes nothing, and
   * where that matters to the caller the answer has `Idempotent-Replayed: true`.
   */
  idempotent: boolean;
  /** What the body is: JSON, which `body` parses, or bytes, which the handler reads as they come. */
  takes: 'json' | 'bytes';
  /** The type of the answer; `bytes`: whatever is read, and the handler answers by itself. */
  type: 'application/json' | 'image/svg+xml' | typeof prometheusText | 'bytes';
}
/** The form of text that Prometheus reads. */
export const prometheusText = 'text/plain; version=0.0.4; charset=utf-8';

export type RouteTable = Readonly<Record<`${Method} /${string}`, Route>>;

export const nothing = z.object({});

/** What a row says by leaving it out. */
export const plain = {
  params: nothing,
  query: nothing,
  body: nothing,
  errors: [],
  emits: false,
  idempotent: false,
  takes: 'json',
  type: 'application/json',
} as const;

/**
 * What every route may answer: input that is not as the row says, a page of another origin, a body that is too long, a
 * host that is not ours, too many requests, a queue that is full, an outcome that is unknown, a database that is away, a bug.
 */
export const commonErrors = [
  'INVALID',
  'FORBIDDEN',
  'TOO_LARGE',
  'MISDIRECTED',
  'RATE_LIMITED',
  'BUSY',
  'RETRY',
  'UNAVAILABLE',
  'INTERNAL',
] as const satisfies ErrorCode[];

const errorsByWho: Readonly<Record<Who, readonly ErrorCode[]>> = {
  anyone: [],
  known: [],
  visitor: ['UNAUTHENTICATED'],
  account: ['UNAUTHENTICATED'],
  admin: ['NOT_FOUND'],
};

/** All error codes that a row may answer. */
export const errorsOf = ({ who, errors }: Row): ErrorCode[] => [
  ...new Set([...commonErrors, ...errorsByWho[who], ...errors]),
];
