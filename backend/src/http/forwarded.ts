import type { IncomingHttpHeaders } from 'node:http';

/** The parts of a request that say where it came from: REST and the socket handshake both have them. */
export interface Arrival {
  headers: IncomingHttpHeaders;
  /** `encrypted` is there, and true, on a connection by TLS. */
  socket: { remoteAddress?: string | undefined; encrypted?: boolean };
}

/** A host name has 253 characters at most, an address fewer. */
const longest = 300;

/**
 * What the outermost of our own proxies said in a list that each proxy appends to. Whatever stands further left came
 * from the client and is worth nothing; a shorter list than `hops` was written by fewer proxies.
 * Not by proxy-addr: that knows `X-Forwarded-For` only, and the protocol and the host are counted off in the same way.
 */
export function forwardedValue(header: string | string[] | undefined, hops: number): string | undefined {
  if (header === undefined || hops === 0) return undefined;
  const values = (Array.isArray(header) ? header.join(',') : header).split(',').map((value) => value.trim());
  const value = values[Math.max(0, values.length - hops)] ?? '';
  return value === '' || value.length > longest ? undefined : value;
}

/** True where the client came by https: to us, or to the proxy that it talked to. */
export function isHttps({ headers, socket }: Arrival, hops: number): boolean {
  const said = forwardedValue(headers['x-forwarded-proto'], hops);
  return said === undefined ? socket.encrypted === true : said.toLowerCase() === 'https';
}

/** The host that the client asked for, port included. */
export const hostOf = ({ headers }: Pick<Arrival, 'headers'>, hops: number): string | undefined =>
  forwardedValue(headers['x-forwarded-host'], hops) ?? headers.host;
