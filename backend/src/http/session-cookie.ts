import type { IncomingHttpHeaders } from 'node:http';
import type { CookieOptions, Request, Response } from 'express';
import { isHttps } from './forwarded.js';

export const sessionCookie = 'jwt';
/** Of somebody without an account, for one room. */
export const guestCookie = 'guest';

/** Ours have less than 300 characters. What is longer is no token: nobody looks at it any closer. */
export const tokenMost = 4_096;

/**
 * A cookie's value as the `Cookie` header has it; the first of several with that name. The one parser of the server, for REST and
 * handshakes. Not the `cookie` package: it takes the whole header apart for one or two names, and decodes what is not encoded.
 */
export function cookieOf({ cookie }: IncomingHttpHeaders, name: string): string | undefined {
  if (cookie === undefined) return undefined;
  for (const part of cookie.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) {
      const value = part.slice(equals + 1).trim();
      return value.length > tokenMost ? undefined : value.replace(/^"(.*)"$/, '$1') || undefined;
    }
  }
  return undefined;
}

/** The session token of a request or a handshake: `Authorization: Bearer`, which somebody put there on purpose, or the cookie. */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const authorization = headers.authorization?.slice(0, tokenMost) ?? '';
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? cookieOf(headers, sessionCookie);
}

/** The same where people without an account may come too: the first that is somebody's counts. */
export function tokensOf(headers: IncomingHttpHeaders): string[] {
  return [tokenOf(headers), cookieOf(headers, guestCookie)].filter((token) => token !== undefined);
}

export interface CookieRule {
  sessionTtlSeconds: number;
  trustProxyHops: number;
}

/** `Secure` exactly where the client came by https: on a plain-http LAN a browser would drop a secure one in silence. */
const optionsFor = (request: Request, { trustProxyHops }: CookieRule): CookieOptions => ({
  httpOnly: true,
  sameSite: 'strict',
  path: '/',
  secure: isHttps(request, trustProxyHops),
});

export const setSessionCookie = (
  request: Request,
  response: Response,
  token: string,
  rule: CookieRule,
  name: typeof sessionCookie | typeof guestCookie = sessionCookie,
): void =>
  void response.cookie(name, token, {
    ...optionsFor(request, rule),
    maxAge: rule.sessionTtlSeconds * 1_000,
  });

export const clearSessionCookie = (
  request: Request,
  response: Response,
  rule: CookieRule,
  name: typeof sessionCookie | typeof guestCookie = sessionCookie,
): void => void response.clearCookie(name, optionsFor(request, rule));
