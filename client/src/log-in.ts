import { Person, type Login } from '@sori/contract';
import { createHttp, type Fetch } from './http.js';

// What browsers and Node have alike: the types of neither are needed for it.
declare const fetch: Fetch;

/** Who one is to the server: the cookie as it is sent back (`jwt=…`), or a token (what stands in the cookie, or a bot's). */
export type Credentials = { cookie: string } | { token: string };

/**
 * Signs in with a name and a password. For programs: a page's cookie is the browser's own, and no script sees it.
 * @throws ApiError `INVALID_CREDENTIALS`, `RATE_LIMITED` with `retryAfterMs`, or `NO_ANSWER` where there is no server.
 */
export const logIn = async (address: string, login: Login): Promise<{ me: Person; cookie: string }> => {
  let cookie = '';
  const http = createHttp(async (path, options) => {
    const response = await fetch(`${address}${path}`, options);
    cookie = /\bjwt=[^;,\s]+/.exec(response.headers.get('set-cookie') ?? '')?.[0] ?? '';
    return response;
  });
  const { data } = await http({ method: 'POST', path: '/api/auth/login', body: login, answer: Person });
  return { me: data, cookie };
};

/** `fetch` to that server, as that person. */
export const fetchAs = (address: string, credentials: Credentials): Fetch => {
  const shown: Record<string, string> =
    'token' in credentials
      ? { Authorization: `Bearer ${credentials.token}` }
      : { Cookie: credentials.cookie };
  return (path, options) =>
    fetch(`${address}${path}`, { ...options, headers: { ...options.headers, ...shown } });
};
