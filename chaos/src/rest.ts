import { httpStatus } from '@sori/contract';
import type { Page } from './page.js';

const timeoutMs = 10_000;

export interface Answer {
  body: unknown;
  link: string;
}

export type Rest = (method: string, path: string, body?: object) => Promise<Answer>;

/** REST as the page speaks it. @returns what throws the page's own errors, `NO_ANSWER` where the outcome is unknown. */
export function createRest(page: Page, address: string, cookie: string): Rest {
  return async (method, path, body) => {
    let response: Response;
    let text: string;
    try {
      response = await fetch(address + path, {
        method,
        headers: { cookie, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(timeoutMs),
      });
      text = await response.text();
    } catch (error) {
      throw page.refusal('NO_ANSWER', String(error), undefined);
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      throw page.refusal('NOT_UNDERSTOOD', `${response.status}: ${text.slice(0, 200)}`, undefined);
    }
    if (response.ok) return { body: parsed, link: response.headers.get('link') ?? '' };
    const { code, error } = parsed as { code?: unknown; error?: unknown };
    const known = typeof code === 'string' && Object.hasOwn(httpStatus, code);
    const seconds = Number(response.headers.get('retry-after') ?? 'NaN');
    throw page.refusal(
      known ? code : 'NOT_UNDERSTOOD',
      `${response.status} ${String(error)}`,
      Number.isFinite(seconds) ? seconds * 1_000 : undefined,
    );
  };
}
