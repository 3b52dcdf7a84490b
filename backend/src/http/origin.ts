import type { RequestHandler } from 'express';
import { AppError } from '../core/errors.js';
import { type Arrival, hostOf } from './forwarded.js';

export interface OriginRule {
  /** Origins besides our own, as `URL.origin` writes them. */
  allowedOrigins: readonly string[];
  trustProxyHops: number;
}

/**
 * True unless a browser says that the page of somebody else is behind this. Hosts are compared and not schemes: a proxy
 * that ends TLS shows us http where the page saw https. Programs without a browser send no Origin, and are fine.
 * For requests that change something, and for socket handshakes.
 */
export function originAllowed(request: Pick<Arrival, 'headers'>, rule: OriginRule): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return request.headers['sec-fetch-site'] !== 'cross-site';
  // A scheme, a host name of 253 characters and a port: nothing longer is one.
  if (origin.length > 300 || !URL.canParse(origin)) return false;
  const { protocol, host, origin: canonical } = new URL(origin);
  if (rule.allowedOrigins.includes(canonical)) return true;
  const ours = hostOf(request, rule.trustProxyHops);
  // Parsed with the same scheme, so that a default port, upper case and an IDN are written alike on both sides.
  const address = `${protocol}//${ours ?? ''}`;
  return (
    (protocol === 'http:' || protocol === 'https:') && URL.canParse(address) && new URL(address).host === host
  );
}

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses what would change something and comes from a page of somebody else. */
export const requireOrigin =
  (rule: OriginRule): RequestHandler =>
  (request, _response, next) => {
    if (reading.has(request.method) || originAllowed(request, rule)) next();
    else next(new AppError('FORBIDDEN', 'This page may not do that here'));
  };

/** What pages of others may say with a request beside what they always may, and what they may read of an answer. */
const taken = [
  ...['Content-Type', 'Authorization', 'Idempotency-Key', 'Content-Disposition'],
  ...['Range', 'If-Range', 'If-None-Match'],
  ...['Tus-Resumable', 'Upload-Length', 'Upload-Offset', 'Upload-Metadata'],
].join(', ');
const exposed = [
  ...['Link', 'Retry-After', 'Idempotent-Replayed', 'X-Request-Id'],
  ...['Content-Range', 'Accept-Ranges', 'ETag', 'Content-Disposition'],
  ...['Location', 'Upload-Offset', 'Upload-Length', 'Upload-Metadata'],
  ...['Tus-Resumable', 'Tus-Version', 'Tus-Extension', 'Tus-Max-Size'],
  ...['Sori-File-State', 'Sori-File-Code', 'Sori-File-Notice'],
].join(', ');

/**
 * Lets the pages of `allowedOrigins` read the answers too; without this, allowing them to ask would be of little use.
 * Nobody else is answered a word of CORS.
 */
export function shareWith({ allowedOrigins }: OriginRule): RequestHandler {
  const allowed = new Set(allowedOrigins);
  return (request, response, next) => {
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) {
      next();
      return;
    }
    response.vary('Origin').set({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Expose-Headers': exposed,
    });
    if (request.method !== 'OPTIONS') {
      next();
      return;
    }
    response
      .set({
        'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        'Access-Control-Allow-Headers': taken,
        'Access-Control-Max-Age': '600',
      })
      .status(204)
      .end();
  };
}
