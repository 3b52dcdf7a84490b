import { AnyWireError } from '@sori/contract';
import { ApiError, knownCode, toApiError } from './api-error.js';

/** The platform's own AbortSignal: the browser's or Node's, whichever it is compiled for. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Native } }
  ? Native
  : {
      readonly aborted: boolean;
      addEventListener: (type: 'abort', listener: () => void) => void;
      removeEventListener: (type: 'abort', listener: () => void) => void;
    };

/** The part of `fetch` that is used, alike in browsers and in Node. */
export type Fetch = (
  address: string,
  options: {
    method: string;
    credentials: 'same-origin';
    signal: Signal;
    headers?: Record<string, string>;
    body?: string;
  },
) => Promise<Response>;
type Response = {
  ok: boolean;
  status: number;
  text: () => Promise<string>;
  headers: { get: (name: string) => string | null };
};

// What browsers and Node have alike: the types of neither are needed for it.
declare const AbortController: new () => { readonly signal: Signal; abort: () => void };
declare const URLSearchParams: new () => {
  readonly size: number;
  set: (name: string, value: string) => void;
  toString: () => string;
};
declare const setTimeout: (call: () => void, ms: number) => unknown;
declare const clearTimeout: (timer: unknown) => void;

/** The part of a contract schema that is needed to check an answer. */
export type Schema<T> = {
  safeParse: (value: unknown) => { success: true; data: T } | { success: false; error: unknown };
};

export const listOf = <T>(item: Schema<T>): Schema<T[]> => ({
  safeParse: (value) => {
    if (!Array.isArray(value)) return { success: false, error: 'not a list' };
    const data: T[] = [];
    for (const element of value as unknown[]) {
      const parsed = item.safeParse(element);
      if (!parsed.success) return parsed;
      data.push(parsed.data);
    }
    return { success: true, data };
  },
});

/** For answers of which nothing is used. */
export const anything: Schema<unknown> = { safeParse: (data) => ({ success: true, data }) };

export type Call<T> = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with `/api/`. */
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  answer: Schema<T>;
  signal?: Signal | undefined;
};

export type Answer<T> = {
  data: T;
  /** The addresses in the `Link` header, by their `rel`. */
  links: ReadonlyMap<string, string>;
};

/** Long enough for a slow phone, short enough that "it does not answer" is said while somebody still waits. */
const timeoutMs = 15_000;

const linksOf = (header: string | null): Map<string, string> => {
  const links = new Map<string, string>();
  for (const [, address, rel] of (header ?? '').matchAll(/<([^>]*)>\s*;[^,<]*?rel="?([\w-]+)"?/g))
    if (address !== undefined && rel !== undefined) links.set(rel, address);
  return links;
};

const pathWith = (path: string, query: Call<unknown>['query']): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? path : `${path}?${search.toString()}`;
};

const retryAfterOf = (response: Pick<Response, 'headers'>): number | undefined => {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
};

/** What an answer that is none means. */
export const refusalOf = (response: Omit<Response, 'text'>, body: unknown): ApiError => {
  const parsed = AnyWireError.safeParse(body);
  const retryAfterMs = retryAfterOf(response);
  if (parsed.success)
    return new ApiError(knownCode(parsed.data.code, response), parsed.data.error, {
      details: parsed.data.details,
      retryAfterMs,
    });
  // A proxy in between answers in its own words: what it means by 502 to 504 is that the server is away.
  return response.status >= 502 && response.status <= 504
    ? new ApiError('UNAVAILABLE', `HTTP ${response.status}`, { retryAfterMs })
    : new ApiError('NOT_UNDERSTOOD', `HTTP ${response.status}`);
};

/** A read that came too soon is made this often, as long as the server wants no longer wait than that. */
const readsAtMost = 4;
const longestWaitMs = 10_000;

/** How long to wait before that read is made again; null where that is for whoever asked to say. */
const waitBefore = ({ code, retryAfterMs }: ApiError, reads: number): number | null =>
  (code === 'RATE_LIMITED' || code === 'BUSY') &&
  retryAfterMs !== undefined &&
  retryAfterMs <= longestWaitMs &&
  reads < readsAtMost
    ? retryAfterMs
    : null;

/** Resolves after that time, or as soon as nobody wants to know any more. */
const pause = (ms: number, signal: Signal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });

export type Http = <T>(call: Call<T>) => Promise<Answer<T>>;

/**
 * A read that the server had no room for just then is made again when it says; a change is not, since whoever asked for
 * it is to know.
 * @throws ApiError, and nothing else.
 */
export const createHttp = (fetch: Fetch, wait: typeof pause = pause): Http => {
  const once = callOnce(fetch);
  return async (call) => {
    for (let reads = 1; ; reads += 1) {
      try {
        return await once(call);
      } catch (thrown) {
        const error = toApiError(thrown);
        const ms = (call.method ?? 'GET') === 'GET' ? waitBefore(error, reads) : null;
        if (ms === null) throw error;
        // Whoever was sent away with many others does not come back with all of them.
        await wait(ms * (1 + Math.random() / 4), call.signal);
        if (call.signal?.aborted === true) throw new ApiError('ABORTED', 'No longer wanted');
      }
    }
  };
};

const callOnce = (fetch: Fetch): Http =>
  async function call<T>({ method = 'GET', path, query, body, answer, signal }: Call<T>): Promise<Answer<T>> {
    const given = new AbortController();
    const giveUp = () => given.abort();
    const timer = setTimeout(giveUp, timeoutMs);
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted === true) giveUp();
    try {
      const response = await fetch(pathWith(path, query), {
        method,
        credentials: 'same-origin',
        signal: given.signal,
        ...(body === undefined
          ? {}
          : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const received = jsonOf(text);
      if (!response.ok) throw refusalOf(response, received);
      const parsed = answer.safeParse(received);
      if (!parsed.success)
        throw new ApiError('NOT_UNDERSTOOD', `An unexpected answer to ${method} ${path}`, {
          cause: parsed.error,
        });
      return { data: parsed.data, links: linksOf(response.headers.get('Link')) };
    } catch (thrown) {
      if (thrown instanceof ApiError) throw thrown;
      if (signal?.aborted === true) throw new ApiError('ABORTED', 'No longer wanted');
      throw new ApiError('NO_ANSWER', 'The server does not answer', { cause: thrown });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    }
  };

export const jsonOf = (text: string): unknown => {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    // The status or the schema says what is wrong with it.
    return undefined;
  }
};
