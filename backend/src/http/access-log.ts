import type { RequestHandler } from 'express';
import type { Logger } from '../logger.js';

const slowMs = 1_000;
const longestPath = 200;

/** The path alone: a query holds what somebody searched for. */
export const pathOf = (address: string): string => address.split('?', 1)[0]?.slice(0, longestPath) ?? '';

/**
 * Logs answers that are our fault as warnings, refused requests and slow ones for information, and the rest only at level
 * debug. Never a body, a header or a query.
 */
export function accessLog(log: Pick<Logger, 'warn' | 'info' | 'debug' | 'isLevelEnabled'>): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    response.once('close', () => {
      const ms = Math.round(performance.now() - began);
      const { statusCode: status } = response;
      const level = status >= 500 ? 'warn' : status >= 400 || ms > slowMs ? 'info' : ('debug' as const);
      if (!log.isLevelEnabled(level)) return;
      const aborted = response.writableFinished ? {} : { aborted: true };
      log[level](
        { method: request.method, path: pathOf(request.originalUrl), status, ms, ...aborted },
        'request',
      );
    });
    next();
  };
}
