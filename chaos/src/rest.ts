import { ApiError } from '@sori/client';
import { errorCodes } from '@sori/contract';

const timeoutMs = 10_000;

export interface Answer {
  body: unknown;
  link: string;
}

export type Rest = (method: string, path: string, body?: object) => Promise<Answer>;

/** REST as a browser speaks it. @returns what throws the client's errors, `NO_ANSWER` where the outcome is unknown. */
export function createRest(address: string, cookie: string): Rest {
  return async (method, path, body) => {
    let response: Response;
    let text: string;
    // Held by its timer: a signal of AbortSignal.timeout that only a request knows may be collected before it is due, and then a
    // request that nobody answers is waited for for ever.
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(new Error('No answer in time')), timeoutMs);
    try {
      response = await fetch(address + path, {
        method,
        headers: { cookie, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: control.signal,
      });
      text = await response.text();
    } catch (error) {
      throw new ApiError('NO_ANSWER', String(error));
    } finally {
      clearTimeout(timer);
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      throw new ApiError('NOT_UNDERSTOOD', `${response.status}: ${text.slice(0, 200)}`);
    }
    if (response.ok) return { body: parsed, link: response.headers.get('link') ?? '' };
    const { code, error } = parsed as { code?: unknown; error?: unknown };
    const known = errorCodes.find((one) => one === code);
    const seconds = Number(response.headers.get('retry-after') ?? 'NaN');
    throw new ApiError(known ?? 'NOT_UNDERSTOOD', `${response.status} ${String(error)}`, {
      retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined,
    });
  };
}
