import { isUtf8 } from 'node:buffer';
import { limits } from '@sori/contract';
import type { Request, RequestHandler } from 'express';
import { AppError } from '../core/errors.js';
import { isModest } from './json-size.js';

/**
 * A body beyond this is not even read away: whoever sends that much to a server that takes 256 KiB is not waiting for an
 * answer.
 */
const readAwayMaxBytes = 64 * 1024 * 1024;

const invalid = (message: string): AppError => new AppError('INVALID', message);

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined ||
  (headers['content-length'] !== undefined && headers['content-length'] !== '0');

/** How long a body is that `jsonBody` will read, in bytes: 0 where there is none, undefined where that is not said. */
export function lengthOfBody(request: Request): number | undefined {
  if (request.method === 'GET' || request.method === 'HEAD' || !hasBody(request)) return 0;
  const said = request.headers['content-length'];
  return said === undefined ? undefined : Number(said);
}

/**
 * Calls `done` once the rest of the body was read and thrown away: a client that is still sending would see a broken
 * connection instead of its answer.
 */
export function readAway(request: Request, done: () => void): void {
  if (!hasBody(request) || request.readableEnded) {
    done();
    return;
  }
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > readAwayMaxBytes) request.destroy();
  });
  // Whoever hears of it at once may stop sending; all of it is not read in any case.
  if (Number(request.headers['content-length']) > readAwayMaxBytes) done();
  else request.once('end', done);
  request.resume();
}

/**
 * Reads JSON objects into `request.body`; without a body it is `{}`.
 * Not `express.json`: it passes over a body of another type as if there were none, accepts other character sets and lists, and
 * its errors would have to be told from those of others to become ours.
 * @throws AppError "INVALID" for another type, malformed JSON and JSON that is no object; "TOO_LARGE" over 256 KiB.
 */
export const jsonBody: RequestHandler = (request, _response, next) => {
  if (lengthOfBody(request) === 0) {
    request.body = {};
    next();
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const collect = (chunk: Buffer): void => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes <= limits.bodyMaxBytes) return;
    request.off('data', collect).off('end', whole);
    next(new AppError('TOO_LARGE', 'The request is too large'));
  };
  const whole = (): void => {
    try {
      request.body = bytes === 0 ? {} : parse(request, Buffer.concat(chunks, bytes));
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
  request.on('data', collect).once('end', whole);
  // Somebody who went away in the middle is owed nothing; without a listener it would be a bug of ours.
  request.once('error', () => undefined);
};

function parse({ headers }: Request, bytes: Buffer): object {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw invalid('A body must be application/json');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw invalid('A body must not be compressed');
  }
  if (!isUtf8(bytes)) throw invalid('The body is not valid JSON in UTF-8');
  if (!isModest(bytes)) throw invalid('The body is nested too deeply, or has too many parts');
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    throw invalid('The body is not valid JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid('The body must be a JSON object');
  }
  return body;
}
