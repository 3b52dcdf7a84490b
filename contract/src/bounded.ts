import * as z from 'zod/mini';

/**
 * What comes first with everything that a client sends: its size. Zod runs all checks of a schema, also behind one that
 * failed, and to normalise 128,000 combining marks takes seconds; so what is too large ends the looking. (A list with `maxLength` is measured by zod itself before it goes through its elements.)
 */

/** The most UTF-16 units that a character of a limit is given before it is counted: decomposed Hangul has three, emoji have more. */
const unitsPerCharacter = 4;

interface Words {
  /** Default: "… must be a string". */
  type?: string;
  /** Default: "… is too long". */
  tooLong?: string;
  /** Default: INVALID. */
  code?: 'TOO_LARGE';
}

/** A string that nothing else looks at where it cannot be within `limit` characters. Exact limits are for the checks behind it. */
export const bounded = (name: string, limit: number, words: Words = {}) =>
  z.string({ error: words.type ?? `${name} must be a string` }).check(
    z.refine((text) => text.length <= limit * unitsPerCharacter, {
      error: words.tooLong ?? `${name} is too long`,
      abort: true,
      ...(words.code && { params: { code: words.code } }),
    }),
  );
