import type { RequestHandler } from 'express';
import type { Logger } from '../logger.js';
import { requestIdOf } from './request-id.js';

const slowMs = 1_000;
const longestPath = 200;

/** The path alone: a query holds what somebody searched for. */
export const pathOf = (address: string): string => address.split('?', 1)[0]?.slice(0, longestPath) ?? '';

/**
 * Logs answers that are our fault as warnings, refused requests and slow ones for information, and the rest only at level
 * debug. Never a body, a query or a header but the request's id.
 * @param answered is given each status, and the milliseconds until the answer was out
 */
export function accessLog(
  log: Pick<Logger, 'warn' | 'info' | 'debug' | 'isLevelEnabled'>,
  answered: (status: number, ms: number) => void = () => undefined,
): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    response.once('close', () => {
      const took = performance.now() - began;
      const ms = Math.round(took);
      const { statusCode: status } = response;
      answered(status, took);
      const level = status >= 500 ? 'warn' : status >= 400 || ms > slowMs ? 'info' : ('debug' as const);
      if (!log.isLevelEnabled(level)) return;
      const requestId = requestIdOf(response);
      const aborted = response.writableFinished ? {} : { aborted: true };
      log[level](
        { method: request.method, path: pathOf(request.originalUrl), status, ms, requestId, ...aborted },
        'request',
      );
    });
    next();
  };
}
