import * as z from 'zod/mini';

/** The HTTP status of each error code; the socket carries the code alone. */
export const httpStatus = {
  INVALID: 400,
  UNAUTHENTICATED: 401,
  INVALID_CREDENTIALS: 401,
  FORBIDDEN: 403,
  /** Also for what the caller may not know of, with the same body. */
  NOT_FOUND: 404,
  CONFLICT: 409,
  USERNAME_TAKEN: 409,
  TOO_LARGE: 413,
  /** A file that is not of the kind that is asked for. */
  UNSUPPORTED: 415,
  /** The request names a host that this server does not answer for. */
  MISDIRECTED: 421,
  /** Well-formed and the caller's to ask, but a rule says no: a block, slow mode, a ban. Never for bad input. */
  REFUSED: 422,
  RATE_LIMITED: 429,
  /** A queue is full: nothing was stored, try again later. */
  BUSY: 503,
  /** The outcome is unknown: repeat with the same `clientId`. */
  RETRY: 503,
  /** The database is away. */
  UNAVAILABLE: 503,
  INTERNAL: 500,
  STORAGE_FULL: 507,
} as const;

export type ErrorCode = keyof typeof httpStatus;
export const errorCodes = Object.keys(httpStatus) as [ErrorCode, ...ErrorCode[]];

/** What REST answers instead of a result. `error` is a sentence for a person. */
export const WireError = z.object({
  error: z.string(),
  code: z.enum(errorCodes),
  details: z.optional(z.unknown()),
});
export type WireError = z.infer<typeof WireError>;
/** The same for whoever reads it: a newer server may have codes of its own. */
export const AnyWireError = z.extend(WireError, { code: z.string() });
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(httpStatus, code);

/** What a socket event is acknowledged with: the output's fields beside `ok: true`, or the error. */
export type Refusal = { ok: false; error: string; code: ErrorCode; retryAfterMs?: number; details?: unknown };
export type Reply<Output> = ({ ok: true } & Output) | Refusal;

/** Which rule said no: `details.reason` of `REFUSED`. There may be others; `error` says it in words then, too. */
export const refusalReasons = [
  'suspended',
  'blocking',
  'unchangeable',
  'banned',
  'reservedName',
  'slowMode',
  'guestFiles',
  'groupFull',
  'placesFull',
  'blocksFull',
  'reactionKindsFull',
  'reactionPeopleFull',
  'lastOwner',
  'adminSuspension',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export const refusalReasonOf = (details: unknown): RefusalReason | undefined => {
  if (typeof details !== 'object' || details === null || !('reason' in details)) return undefined;
  return refusalReasons.find((reason) => reason === details.reason);
};
