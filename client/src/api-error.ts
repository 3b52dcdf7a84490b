import { isErrorCode, type ErrorCode } from '@sori/contract';

/**
 * The server's codes, and four of the client's own: `NO_ANSWER` (no network, a time-out, a line cut while waiting:
 * the outcome is unknown), `NOT_UNDERSTOOD` (an answer that is not what the contract says), `ABORTED` (whoever
 * asked no longer wants to know) and `NEWER` (a refusal whose code this version does not know).
 */
export type ApiErrorCode = ErrorCode | 'NO_ANSWER' | 'NOT_UNDERSTOOD' | 'ABORTED' | 'NEWER';

/**
 * What a code means here. One that is not known is as final as any refusal, but where the server's status, or a time that it
 * names, says that trying again can help.
 */
export const knownCode = (
  code: string,
  { status, retryAfterMs }: { status?: number; retryAfterMs?: number | undefined },
): ApiErrorCode => {
  if (isErrorCode(code)) return code;
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 429) return 'RATE_LIMITED';
  const mayPass = status === undefined ? retryAfterMs !== undefined : status >= 500;
  return mayPass ? 'UNAVAILABLE' : 'NEWER';
};

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  /** How long the server asks to wait before the next try, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly details: unknown;

  constructor(
    code: ApiErrorCode,
    message: string,
    more: { retryAfterMs?: number | undefined; details?: unknown; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.retryAfterMs = more.retryAfterMs;
    this.details = more.details;
  }
}

/** What was thrown, as an ApiError: anything else that is thrown is a bug of ours, and is told as one. */
export const toApiError = (thrown: unknown): ApiError =>
  thrown instanceof ApiError
    ? thrown
    : new ApiError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });

/** Codes after which the same thing, asked again, may well be done. Everything else is final. */
const passing = new Set<ApiErrorCode>([
  'NO_ANSWER',
  'NOT_UNDERSTOOD',
  'ABORTED',
  'BUSY',
  'RETRY',
  'UNAVAILABLE',
  'RATE_LIMITED',
  'INTERNAL',
]);
export const passes = ({ code }: Pick<ApiError, 'code'>): boolean => passing.has(code);
export const needsSignIn = ({ code }: Pick<ApiError, 'code'>): boolean =>
  code === 'UNAUTHENTICATED' || code === 'INVALID_CREDENTIALS';
