import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const header = 'X-Request-Id';
const usable = /^[A-Za-z0-9_-]{1,64}$/;

/** The caller's own id for this request, where it is one that may stand in a log; else a new one. */
export function newRequestId({ headers }: Pick<IncomingMessage, 'headers'> = { headers: {} }): string {
  const given = headers['x-request-id'];
  // Measured before it is looked at.
  return typeof given === 'string' && given.length <= 64 && usable.test(given) ? given : randomUUID();
}

/** The id of the request that is answered by this; undefined before `nameRequests` saw it. */
export function requestIdOf(response: ServerResponse): string | undefined {
  const id = response.getHeader(header);
  return typeof id === 'string' ? id : undefined;
}

/** What names a request in an answer that is written without a `ServerResponse`. */
export const requestIdHeader = (request?: IncomingMessage): Record<string, string> => ({
  [header]: newRequestId(request),
});

/**
 * Gives each answer of this server an id, which the log has as well. Call it last: it has to come before all that listens
 * to requests.
 */
export function nameRequests(server: Server): void {
  server.prependListener('request', (request, response) => {
    response.setHeader(header, newRequestId(request));
  });
}
