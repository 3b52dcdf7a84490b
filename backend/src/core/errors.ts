import {
  type ErrorCode,
  errorsOf,
  httpStatus,
  type Refusal,
  type RefusalReason,
  type Row,
  type WireError,
} from '@sori/contract';
import { Error as MongooseError, mongo } from 'mongoose';
import type { $ZodError } from 'zod/v4/core';

/** An outcome that the caller is answered: the contract's code, and words for a person. Anything else is a bug. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** Milliseconds after which trying again makes sense; always there for 429 and 503. */
  readonly retryAfterMs: number | undefined;
  readonly details: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    options: { retryAfterMs?: number; details?: unknown; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details;
    const status = httpStatus[code];
    this.retryAfterMs = options.retryAfterMs ?? (status === 503 || status === 429 ? 1_000 : undefined);
  }
}

/** A rule says no: which one, for programs and for pages of other languages, and in words. */
export const refused = (reason: RefusalReason, message: string, retryAfterMs?: number): AppError =>
  retryAfterMs === undefined
    ? new AppError('REFUSED', message, { details: { reason } })
    : new AppError('REFUSED', message, { retryAfterMs, details: { reason, retryAfterMs } });
export const notFound = (): AppError =>
  new AppError('NOT_FOUND', 'There is no such thing, or you may not see it');
export const unauthenticated = (): AppError => new AppError('UNAUTHENTICATED', 'Please sign in');
export const misdirected = (): AppError =>
  new AppError('MISDIRECTED', 'This server does not answer for this address');
export const unavailable = (cause?: unknown): AppError =>
  new AppError('UNAVAILABLE', 'The database is away for a moment. Please try again', { cause });

const isZodError = (error: unknown): error is $ZodError =>
  error instanceof Error && 'issues' in error && Array.isArray(error.issues) && '_zod' in error;

/** True where the database did not answer: nothing is known to be wrong with what was asked. */
export const isDatabaseAway = (error: unknown): boolean =>
  // A bulk that broke off carries what broke it.
  (error instanceof mongo.MongoBulkWriteError &&
    error.errorResponse instanceof Error &&
    error.errorResponse !== error &&
    isDatabaseAway(error.errorResponse)) ||
  error instanceof mongo.MongoNetworkError ||
  error instanceof mongo.MongoServerSelectionError ||
  error instanceof mongo.MongoNotConnectedError ||
  error instanceof mongo.MongoTopologyClosedError ||
  error instanceof mongo.MongoClientClosedError ||
  error instanceof mongo.MongoOperationTimeoutError ||
  error instanceof MongooseError.MongooseServerSelectionError ||
  (error instanceof mongo.MongoError && error.hasErrorLabel('PoolClearedError')) ||
  (error instanceof Error &&
    (error.name === 'MongoPoolClearedError' || error.name === 'MongoWaitQueueTimeoutError')) ||
  (error instanceof mongo.MongoServerError && restarting.has(Number(error.code))) ||
  // Where its socket breaks, the driver lets the system's own error through in places. No other line is used in an answer.
  (error instanceof Error && 'syscall' in error && 'code' in error && brokenLine.has(String(error.code)));
const brokenLine = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ENOTCONN']);
// CursorNotFound (it was started again between two pages of one answer), InterruptedAtShutdown, ShutdownInProgress,
// PrimarySteppedDown, NotWritablePrimary, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary, InterruptedDueToReplStateChange:
// https://www.mongodb.com/docs/manual/reference/error-codes/
const restarting = new Set([43, 11600, 91, 189, 10107, 13435, 13436, 11602]);

/** What body-parser and friends throw for bad bodies: `status` and `type` as http-errors sets them. */
const isHttpError = (error: unknown): error is Error & { status: number; type?: string } =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500;

/** Nobody reads more of what is wrong, and an answer must not be larger than the question. */
const detailsMost = 20;

/**
 * Turns whatever was thrown into the AppError that its caller is answered. A bug is handed to `report` whole and becomes
 * "INTERNAL", without a word of what went wrong.
 */
export function toAppError(error: unknown, report: (bug: unknown) => void): AppError {
  if (error instanceof AppError) return error;
  if (isZodError(error)) {
    const first = error.issues[0];
    const tooLarge = error.issues.every(
      (issue) => issue.code === 'custom' && issue.params?.['code'] === 'TOO_LARGE',
    );
    return new AppError(tooLarge ? 'TOO_LARGE' : 'INVALID', first?.message ?? 'The input is not valid', {
      details: error.issues
        .slice(0, detailsMost)
        .map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    });
  }
  if (isDatabaseAway(error)) return unavailable(error);
  if (isHttpError(error)) {
    return error.status === 413
      ? new AppError('TOO_LARGE', 'The request is too large')
      : new AppError('INVALID', 'The request could not be read');
  }
  report(error);
  return new AppError('INTERNAL', 'Something went wrong on our side');
}

/**
 * Reports a code that the contract does not list for what was asked: the table is wrong, or the service is. The caller is
 * answered all the same.
 */
export function reportUnlisted(
  name: string,
  row: Row,
  { code }: AppError,
  report: (bug: unknown) => void,
): void {
  if (!errorsOf(row).includes(code)) report(new UnlistedCode(`"${name}" may not answer ${code}`));
}
class UnlistedCode extends Error {
  override readonly name = 'UnlistedCode';
}

export const toWireError = ({ message, code, details }: AppError): WireError => ({
  error: message,
  code,
  ...(details === undefined ? {} : { details }),
});

export const toRefusal = (error: AppError): Refusal => ({
  ok: false,
  ...toWireError(error),
  ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
});
