import type { Readable } from 'node:stream';
import { AppError } from '../core/errors.js';

/** Nobody hears of it: the connection is gone. */
const brokenOff = (cause: unknown): AppError =>
  new AppError('INVALID', 'The request broke off before its end', { cause });

/**
 * The bytes of a body as they come, and no more than this, whatever it says of itself.
 * @param tooLarge what is thrown for more
 * @throws AppError INVALID where it breaks off
 */
export async function* bounded(
  stream: Readable,
  most: number,
  tooLarge: () => AppError,
): AsyncGenerator<Uint8Array> {
  let left = most;
  try {
    // Not destroyed where this ends early: the connection is still needed for the answer.
    for await (const piece of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      left -= piece.length;
      if (left < 0) throw tooLarge();
      yield piece;
    }
  } catch (error) {
    throw error instanceof AppError ? error : brokenOff(error);
  }
}
