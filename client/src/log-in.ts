import { Person, type Login, type Signup } from '@sori/contract';
import { createHttp, type Fetch } from './http.js';

// What browsers and Node have alike: the types of neither are needed for it.
declare const fetch: Fetch;

/** Who one is to the server: the cookie as it is sent back (`jwt=…`), or a token (what stands in the cookie, or a bot's). */
export type Credentials = { cookie: string } | { token: string };

/** Somebody who signed in, with the cookie that shows it. */
export type SignedIn = { me: Person; cookie: string };

/** The cookie is told to programs alone: a page's is the browser's own, and no script sees it. */
const enter = async (address: string, path: string, body: Login | Signup): Promise<SignedIn> => {
  let cookie = '';
  const http = createHttp(async (asked, options) => {
    const response = await fetch(`${address}${asked}`, options);
    cookie = /\bjwt=[^;,\s]+/.exec(response.headers.get('set-cookie') ?? '')?.[0] ?? '';
    return response;
  });
  const { data } = await http({ method: 'POST', path, body, answer: Person });
  return { me: data, cookie };
};

/**
 * Signs in with a name and a password.
 * @throws ApiError `INVALID_CREDENTIALS`, `RATE_LIMITED` with `retryAfterMs`, or `NO_ANSWER` where there is no server.
 */
export const logIn = (address: string, login: Login): Promise<SignedIn> =>
  enter(address, '/api/auth/login', login);

/**
 * Makes an account and signs in.
 * @throws ApiError `USERNAME_TAKEN`, `INVALID`, `RATE_LIMITED` with `retryAfterMs`, or `NO_ANSWER`: then it may have been made.
 */
export const signUp = (address: string, form: Signup): Promise<SignedIn> =>
  enter(address, '/api/auth/signup', form);

/** `fetch` to that server, as that person. */
export const fetchAs = (address: string, credentials: Credentials): Fetch => {
  const shown: Record<string, string> =
    'token' in credentials
      ? { Authorization: `Bearer ${credentials.token}` }
      : { Cookie: credentials.cookie };
  return (path, options) =>
    fetch(`${address}${path}`, { ...options, headers: { ...options.headers, ...shown } });
};
