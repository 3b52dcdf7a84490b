import * as z from 'zod/mini';
import { bounded } from './bounded.js';
import { limits } from './limits.js';
import { Id, queryLimit } from './primitives.js';
import { codePoints, isStorable, isUsername, isVisibleName, utf8Bytes } from './text.js';

/** What everybody may know of a person. `profilePic` is an address of ours. */
export const Person = z.object({
  _id: Id,
  fullName: z.string(),
  username: z.string(),
  profilePic: z.string(),
});
export type Person = z.infer<typeof Person>;

export const Username = bounded('username', limits.usernameMax).check(
  z.trim(),
  z.normalize('NFKC'),
  z.refine(
    isUsername,
    'A username has letters, digits, ".", "_" and "-", and does not mix look-alike scripts',
  ),
  z.refine((name) => codePoints(name) >= limits.usernameMin && codePoints(name) <= limits.usernameMax, {
    error: `A username has ${limits.usernameMin} to ${limits.usernameMax} characters`,
  }),
);

export const FullName = bounded('fullName', limits.fullNameMax).check(
  z.trim(),
  z.normalize('NFC'),
  z.refine(isVisibleName, 'A name has visible characters only'),
  z.refine((name) => codePoints(name) <= limits.fullNameMax, {
    error: `A name has at most ${limits.fullNameMax} characters`,
  }),
);

/** In NFC: the same letters make the same password, whichever way a keyboard or a system composes them. */
export const Password = bounded('password', limits.passwordMaxBytes).check(
  z.normalize('NFC'),
  z.refine(isStorable, 'The password contains characters that cannot be used'),
  z.refine((password) => codePoints(password) >= limits.passwordMinCharacters, {
    error: `A password has at least ${limits.passwordMinCharacters} characters`,
  }),
  z.refine((password) => utf8Bytes(password) <= limits.passwordMaxBytes, {
    error: `A password has at most ${limits.passwordMaxBytes} bytes`,
  }),
);

export const Signup = z
  .object({
    fullName: FullName,
    username: Username,
    password: Password,
    confirmPassword: bounded('confirmPassword', limits.passwordMaxBytes).check(z.normalize('NFC')),
    /** Asked for by the tutorial's form. Not kept: nothing of ours needs it. */
    gender: z.optional(bounded('gender', 32)),
    /** The one-time code that makes the first admin. */
    adminCode: z.optional(bounded('adminCode', limits.adminCodeMax)),
  })
  .check(
    z.refine((form) => form.password === form.confirmPassword, {
      error: 'The passwords do not match',
      path: ['confirmPassword'],
    }),
  );
export type Signup = z.infer<typeof Signup>;

/**
 * Looser than sign-up on purpose: whether a name or a password could exist is nobody's business at the door. What is
 * too long to be either is refused before any work is done. The password is as it came: it may be older than that
 * passwords are kept in NFC.
 */
export const Login = z.object({
  username: bounded('username', limits.usernameMax).check(z.trim()),
  password: bounded('password', limits.passwordMaxBytes),
});
export type Login = z.infer<typeof Login>;

/** The body of `POST /api/me/admin`. */
export const BecomeAdmin = z.object({ code: bounded('code', limits.adminCodeMax) });
export type BecomeAdmin = z.infer<typeof BecomeAdmin>;

export const PeopleQuery = z.object({
  search: z._default(
    bounded('search', 100).check(
      z.trim(),
      z.maxLength(100, 'search is too long'),
      z.refine(isStorable, 'search contains characters that cannot be used'),
    ),
    '',
  ),
  limit: queryLimit(limits.pageDefault, limits.pageMax),
  /** The last `_id` of the page before. */
  after: z.optional(Id),
});
export type PeopleQuery = z.infer<typeof PeopleQuery>;

/** Ids with commas between them; none is an empty list. */
const idsInQuery = z.pipe(
  // 25 units for an id and its comma: what is longer has too many.
  bounded('ids', (limits.pageMax * 25) / 4, {
    type: 'ids must be ids with commas between them',
    tooLong: `At most ${limits.pageMax} people can be asked for`,
  }),
  z.pipe(
    z.transform((ids: string) => (ids === '' ? [] : ids.split(','))),
    z.array(Id).check(z.maxLength(limits.pageMax, `At most ${limits.pageMax} people can be asked for`)),
  ),
);

/** The query that asks for these people and nobody else, in this order; those who do not exist are left out. */
export const PeopleByIds = z.object({ ids: z.optional(idsInQuery) });
