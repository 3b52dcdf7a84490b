import type { RequestHandler } from 'express';
import { AppError, notFound } from '../core/errors.js';

const control = /\p{Cc}/u;
/** A backslash too: some programs take it for a slash. */
const separator = /[/\\]/;

/** The path as it is meant. @throws AppError "INVALID" where it is not written as a path can be. */
export function decodedPath(path: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    throw new AppError('INVALID', 'The address is not written correctly');
  }
  if (control.test(decoded)) throw new AppError('INVALID', 'The address is not written correctly');
  return decoded;
}

/**
 * Before anything looks for a file or a page: what begins with a dot is a hidden file or a way up, and never ours to serve,
 * however it is written.
 */
export const requirePath: RequestHandler = (request, _response, next) => {
  const segments = decodedPath(request.path).split(separator);
  if (segments.some((segment) => segment.startsWith('.'))) throw notFound();
  next();
};
