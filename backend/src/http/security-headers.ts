import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { LRUCache } from 'lru-cache';
import { hostOf } from './forwarded.js';
import { parseHost } from './hosts.js';

/** What the page needs none of, and may not be talked into using. */
const permissions = 'camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()';

/** What every answer says of itself to a browser. */
export function securityHeaders({ trustProxyHops }: { trustProxyHops: number }): RequestHandler {
  // Who asks says which host it is: only so many are remembered.
  const remembered = new LRUCache<string, Headers>({ max: 50 });
  return (request, response, next) => {
    const host = hostOf(request, trustProxyHops) ?? '';
    let headers = remembered.get(host);
    if (headers === undefined) {
      headers = headersFor(self(host));
      remembered.set(host, headers);
    }
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

type Headers = readonly (readonly [name: string, value: string])[];

/**
 * Helmet is asked once, with an answer that goes nowhere: it says the same of every answer, and to ask its functions
 * for each would cost a send through REST a fifteenth of its time.
 * @param connect where the page may connect to
 */
function headersFor(connect: string): Headers {
  const answer = new ServerResponse(new IncomingMessage(new Socket()));
  const set = helmet({
    contentSecurityPolicy: policyFor(connect),
    // Whether a host is to be reached by https alone is for whoever ends TLS to say; over plain http it means nothing.
    strictTransportSecurity: false,
    // Helmet's own choice, no-referrer, turns the Origin of a form into `null`, which we refuse.
    referrerPolicy: { policy: 'same-origin' },
  });
  answer.setHeader('Permissions-Policy', permissions);
  set(answer.req, answer, (error) => {
    if (error !== undefined) throw error instanceof Error ? error : new Error('Helmet set no headers');
  });
  return answer.getHeaderNames().map((name) => [name, String(answer.getHeader(name))]);
}

const policyFor = (connect: string) => ({
  // Without defaults: they have upgrade-insecure-requests, which breaks plain http in a LAN.
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'"],
    scriptSrcAttr: ["'none'"],
    // The dialogs' scroll lock and the toasts add style elements of their own, whose text is not known beforehand.
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:', 'blob:'],
    fontSrc: ["'self'"],
    mediaSrc: ["'self'"],
    workerSrc: ["'self'"],
    manifestSrc: ["'self'"],
    connectSrc: [connect],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
});

/** This host. Safari before 16 does not count a WebSocket to it as 'self'; a policy cannot name an IPv6 address. */
function self(text: string): string {
  const host = parseHost(text);
  if (host === null || !/^[a-z0-9._-]+$/.test(host.name)) return "'self'";
  const address = host.port === null ? host.name : `${host.name}:${host.port}`;
  return `'self' ws://${address} wss://${address}`;
}
