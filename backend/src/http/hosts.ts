import type { RequestListener, Server } from 'node:http';
import type { RequestHandler } from 'express';
import { AppError, misdirected } from '../core/errors.js';
import { type Arrival, hostOf } from './forwarded.js';

export interface HostRule {
  /** Hosts with or without a port; none: every host. */
  allowedHosts: readonly string[];
  trustProxyHops: number;
}

interface Host {
  /** As a browser writes it: lower case, an IDN in Punycode. */
  name: string;
  /** null where none is written. */
  port: number | null;
}

/** A name has at most 253 characters, and a port 6. */
const longestHost = 260;

/** A host as a header or a setting names it; null for what is none, or is more than one. */
export function parseHost(text: string | undefined): Host | null {
  if (text === undefined || text === '' || text.length > longestHost || /[\s/\\?#@]/.test(text)) return null;
  const address = `http://${text}`;
  if (!URL.canParse(address)) return null;
  const { hostname } = new URL(address);
  const port = /:(\d+)$/.exec(text)?.[1];
  return hostname === '' ? null : { name: hostname, port: port === undefined ? null : Number(port) };
}

/** What a host without a port stands for: a proxy that ends TLS shows us http where the page saw https. */
const defaultPorts = new Set([80, 443]);

const covers = (allowed: Host, asked: Host): boolean =>
  allowed.name === asked.name &&
  (allowed.port === null ||
    allowed.port === asked.port ||
    (asked.port === null && defaultPorts.has(allowed.port)));

/**
 * True where the request names a host that this server answers for. Another one is the page of a stranger whose name was
 * made to lead here, in a browser that takes us for that stranger.
 */
export function hostAllowed(request: Pick<Arrival, 'headers'>, rule: HostRule): boolean {
  if (rule.allowedHosts.length === 0) return true;
  const asked = parseHost(hostOf(request, rule.trustProxyHops));
  return (
    asked !== null &&
    rule.allowedHosts.some((text) => {
      const allowed = parseHost(text);
      return allowed !== null && covers(allowed, asked);
    })
  );
}

/** Whoever looks after us asks by whatever address there is, and is answered nothing else. */
const forEveryHost = new Set(['/healthz', '/readyz']);

/** Refuses what names another host. */
export const requireHost =
  (rule: HostRule): RequestHandler =>
  (request, _response, next) => {
    if (!hostAllowed(request, rule) && !forEveryHost.has(request.path)) throw misdirected();
    // What one may leave out in HTTP/1.0 alone.
    if (request.headers.host === undefined && request.httpVersion !== '1.0') {
      throw new AppError('INVALID', 'The request names no host');
    }
    next();
  };

/**
 * Leads requests that name another host past all that listens to `server` on its own, Socket.IO and its files, to `app`,
 * which refuses them. Upgrades are refused at the gate. Call it when everybody listens.
 */
export function guardHosts(server: Server, rule: HostRule, app: RequestListener): void {
  if (rule.allowedHosts.length === 0) return;
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    for (const listener of hostAllowed(request, rule) ? listeners : [app]) {
      listener.call(server, request, response);
    }
  });
}
