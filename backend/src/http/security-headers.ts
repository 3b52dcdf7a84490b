import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { LRUCache } from 'lru-cache';
import { hostOf } from './forwarded.js';
import { parseHost } from './hosts.js';

/** What the page needs none of, and may not be talked into using. */
const permissions = 'camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()';

/** What every answer says of itself to a browser. */
export function securityHeaders({ trustProxyHops }: { trustProxyHops: number }): RequestHandler {
  const guards = helmet({
    contentSecurityPolicy: false,
    // Whether a host is to be reached by https alone is for whoever ends TLS to say; over plain http it means nothing.
    strictTransportSecurity: false,
    // Helmet's own choice, no-referrer, turns the Origin of a form into `null`, which we refuse.
    referrerPolicy: { policy: 'same-origin' },
  });
  // Who asks says which host it is: only so many are remembered.
  const policies = new LRUCache<string, ReturnType<typeof policyFor>>({ max: 50 });
  return (request, response, next) => {
    response.setHeader('Permissions-Policy', permissions);
    const host = hostOf(request, trustProxyHops) ?? '';
    let policy = policies.get(host);
    if (policy === undefined) {
      policy = policyFor(self(host));
      policies.set(host, policy);
    }
    policy(request, response, () => guards(request, response, next));
  };
}

/** @param connect where the page may connect to */
const policyFor = (connect: string) =>
  helmet.contentSecurityPolicy({
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
