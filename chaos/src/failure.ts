import { type ApiErrorCode, needsSignIn, passes, toApiError } from '@sori/client';

export interface Failure {
  code: ApiErrorCode;
  message: string;
  retryAfterMs: number | undefined;
  /** What the client does about it. */
  then: 'again' | 'hold' | 'give up';
}

/** What the client makes of anything that was thrown. */
export function failureOf(thrown: unknown): Failure {
  const error = toApiError(thrown);
  const then = needsSignIn(error) ? 'hold' : passes(error) ? 'again' : 'give up';
  return { code: error.code, message: error.message, retryAfterMs: error.retryAfterMs, then };
}
