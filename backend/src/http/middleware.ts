import compression from 'compression';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import { type ErrorCode, httpStatus } from '@sori/contract';
import { notFound, toAppError, toWireError } from '../core/errors.js';
import type { Logger } from '../logger.js';
import { accessLog, pathOf } from './access-log.js';
import { watchForwarding } from './address.js';
import { failed, takesBytes } from './admission.js';
import { jsonBody, readAway } from './body.js';
import { type HostRule, requireHost } from './hosts.js';
import { type OriginRule, requireOrigin, shareWith } from './origin.js';
import { requestIdOf } from './request-id.js';
import { requirePath } from './path.js';
import { securityHeaders } from './security-headers.js';

export interface MiddlewareDeps {
  config: OriginRule & HostRule;
  log: Logger;
  /** Counts what comes in under `/api`, before its body is read. */
  admission?: RequestHandler;
  /** A request was answered with this status, so many milliseconds after it came. */
  answered?: (status: number, ms: number) => void;
}

/** Answers to POST and the like are small, and compressing is the dearest thing there is on their way. */
const compress: RequestHandler = (() => {
  const always = compression({
    level: 4,
    // Files that people sent have parts, which are counted in bytes as they are.
    filter: (request, response) =>
      !response.hasHeader('Content-Disposition') && compression.filter(request, response),
  });
  return (request, response, next) => {
    if (request.method === 'GET') always(request, response, next);
    else next();
  };
})();

/** What every request goes through before any route. Routes come next, `endMiddleware` last. */
export function useMiddleware(app: Express, { config, log, admission, answered }: MiddlewareDeps): Express {
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustProxyHops);
  // Where nothing changed, a client has a cursor to tell by; hashing every answer for it costs more than it saves.
  app.set('etag', false);
  const sawForwarding = watchForwarding(config.trustProxyHops, log);
  app.use((request, _response, next) => {
    sawForwarding(request);
    next();
  });
  app.use(accessLog(log, answered), securityHeaders(config), requireHost(config), requirePath);
  app.use(shareWith(config), requireOrigin(config), compress);
  app.use('/api', (_request, response, next) => {
    // What people see is theirs: neither a proxy nor the back button of the next person may show it.
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  if (admission) app.use('/api', admission);
  app.use('/api', (request, response, next) => {
    if (takesBytes(response)) next();
    else void jsonBody(request, response, next);
  });
  return app;
}

export interface EndDeps {
  log: Logger;
  page?: RequestHandler;
  /** A request was answered with this error. */
  refused?: (code: ErrorCode) => void;
}

/** Ends the app: unknown paths under `/api` are a JSON 404, then comes the page, if any, then whatever was thrown. */
export function endMiddleware(app: Express, deps: EndDeps): void {
  const { page } = deps;
  app.use('/api', () => {
    throw notFound();
  });
  if (page) app.use(page);
  app.use(() => {
    throw notFound();
  });
  app.use(errorAnswer(deps));
}

/**
 * So long whoever asks for too much waits to be answered so, in milliseconds: over a few connections one can be refused a
 * thousand times a second otherwise, and each time costs others as much as a small answer.
 */
const refusedAfterMs = 200;

/** The one place where a request learns what went wrong: the contract's code and words, never HTML, never a stack. */
function errorAnswer({ log, refused }: EndDeps): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const error = toAppError(thrown, (bug) => {
      const { method, originalUrl } = request;
      const requestId = requestIdOf(response);
      log.error({ ...describe(bug), method, path: pathOf(originalUrl), requestId }, 'A bug');
    });
    failed(response, error);
    refused?.(error.code);
    if (response.headersSent) {
      // Half an answer is out: cutting it off is the only way left to say that it is not whole.
      response.destroy();
      return;
    }
    if (error.retryAfterMs !== undefined) {
      response.setHeader('Retry-After', Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
    }
    const answer = (): void => void response.status(httpStatus[error.code]).json(toWireError(error));
    readAway(request, () => {
      if (error.code !== 'RATE_LIMITED') {
        answer();
        return;
      }
      const timer = setTimeout(answer, refusedAfterMs);
      response.once('close', () => clearTimeout(timer));
    });
  };
}

/** Not the error whole: MongoDB's carry the documents that could not be written. */
const describe = (bug: unknown): object =>
  bug instanceof Error ? { error: bug.name, reason: bug.message, stack: bug.stack } : { reason: typeof bug };
