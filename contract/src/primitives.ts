import * as z from 'zod/mini';
import { bounded } from './bounded.js';
import { limits } from './limits.js';
import { codePoints, isStorable } from './text.js';

/** 24 hexadecimal digits, sent in lower case. */
export const Id = bounded('An id', 24).check(
  z.regex(/^[0-9a-f]{24}$/i, 'An id has 24 hexadecimal digits'),
  z.toLowerCase(),
);
export type Id = string;

/** Position in a conversation's log: 1, 2, 3… without gaps. Order and catch-up use it; clocks do not. */
export const Seq = z.int({ error: 'A seq must be a whole number' }).check(z.minimum(1, 'A seq begins at 1'));
/** A position that may also lie before the first entry. */
export const Cursor = z
  .int({ error: 'A position must be a whole number' })
  .check(z.minimum(0, 'A position begins at 0'));
/** ISO 8601 in UTC. */
export const Time = z.pipe(bounded('A time', 40), z.iso.datetime('A time is ISO 8601 in UTC'));

/** Chosen by the sender, once per thing sent: what makes a repeat harmless. Those that begin with `:` are the server's. */
export const ClientId = bounded('clientId', 64).check(
  z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'clientId has 1 to 64 letters, digits, "_" or "-"'),
);

const messageTooLong = `The message has more than ${limits.messageMax.toLocaleString('en')} characters`;
const text = bounded('message', limits.messageMax, { tooLong: messageTooLong, code: 'TOO_LARGE' });
const textChecks = [
  z.refine<string>(isStorable, 'The message contains characters that cannot be stored'),
  z.refine<string>((given) => codePoints(given) <= limits.messageMax, {
    error: messageTooLong,
    params: { code: 'TOO_LARGE' },
  }),
] as const;
export const emptyMessage = 'The message is empty';
/** A text as it is stored: trimmed, otherwise unchanged; its length is in code points. */
export const MessageText = text.check(z.trim(), z.minLength(1, emptyMessage), ...textChecks);
/** The same where it may be empty, because there are files. */
export const CaptionText = text.check(z.trim(), ...textChecks);

/** A whole number in a query string. Larger than `max` is clamped; anything else that is not at least 1 is INVALID. */
export const queryLimit = (fallback: number, max: number) =>
  z._default(
    z.pipe(
      bounded('limit', 20, { type: 'limit must be a number' }).check(
        z.regex(/^0*[1-9]\d*$/, 'limit must be a number of at least 1'),
      ),
      z.transform((digits: string) => Math.min(Number(digits), max)),
    ),
    fallback,
  );

/** The same in a socket payload, where a number is a number. */
export const payloadLimit = (fallback: number, max: number) =>
  z._default(
    z.pipe(
      z.int({ error: 'limit must be a whole number' }).check(z.minimum(1, 'limit must be at least 1')),
      z.transform((asked: number) => Math.min(asked, max)),
    ),
    fallback,
  );

/** A seq in a query string, of at least `least`. */
export const querySeq = (name: string, least: 0 | 1) =>
  z.pipe(
    bounded(name, 15, { type: `${name} must be a seq` }).check(
      z.regex(/^\d{1,15}$/, `${name} must be a seq`),
    ),
    z.pipe(
      z.transform((digits: string) => Number(digits)),
      z.number().check(z.minimum(least, `${name} must be at least ${least}`)),
    ),
  );
