import { limits, type RequestName } from '@sori/contract';

/**
 * What a call costs of what a person, an address or a socket may ask for, where that is more than one, and whether it is
 * heavy: then it waits for its turn. Sends, changes of messages, reads and typing are neither, so that nobody's message ever
 * waits behind somebody's reading, not even their own.
 */
export interface Price {
  heavy: boolean;
  cost: (asked: Asked) => number;
}

/** A request as it came, not looked at by anybody yet. */
export interface Asked {
  query: Record<string, unknown>;
  body: unknown;
}

const rowsForOne = 100;
const peopleForOne = 50;
const forSearch = 3;
const forMany = 3;

const fixed =
  (cost: number): Price['cost'] =>
  () =>
    cost;

/** By the length of the page that is asked for. */
const page =
  (fallback: number, most: number): Price['cost'] =>
  ({ query: { limit } }) => {
    const asked = Math.trunc(Number(limit));
    return 1 + Math.floor((asked >= 1 ? Math.min(asked, most) : fallback) / rowsForOne);
  };
const usualPage = page(limits.pageDefault, limits.pageMax);

const searched: Price['cost'] = (asked) =>
  usualPage(asked) +
  (typeof asked.query['search'] === 'string' && asked.query['search'] !== '' ? forSearch : 0);

/** By the number of people in this list of the body. */
const added =
  (list: string): Price['cost'] =>
  ({ body }) => {
    const people = (body as Record<string, unknown> | undefined)?.[list];
    return 1 + (Array.isArray(people) ? Math.floor(people.length / peopleForOne) : 0);
  };

const bytesForOne = 16 * 1024;

/**
 * What it costs an address and a person, beside the request itself, to have a body of this length read and parsed: nothing for
 * most messages, one more for 8,000 Korean letters.
 * @param bytes as the request says it; undefined where it does not: then it is one, so that somebody who has used up what
 * they may ask for is refused before it is read, and sends in this form stay within what they are limited to
 */
export const bodyCost = (bytes = bytesForOne): number =>
  Math.floor(Math.min(bytes, limits.bodyMaxBytes) / bytesForOne);

const heavy = (cost: Price['cost']): Price => ({ heavy: true, cost });

/** Not counted at all: what a page loads by the dozen and a browser keeps, and the parts of one large upload. */
export const free: Price = { heavy: false, cost: fixed(0) };
export const ordinary: Price = { heavy: false, cost: fixed(1) };

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type Route = `${Method} /${string}`;

/** Every route, by method and path under `/api`. What is not here is `ordinary`. */
export const routePrices: Readonly<Record<Route, Price>> = {
  'get /avatars/:name': free,
  'get /files/:id': free,
  'get /uploads/:id': free,
  'patch /uploads/:id': free,

  'get /bootstrap': heavy(fixed(forMany)),
  'get /conversations': heavy(usualPage),
  'get /conversations/:id': heavy(fixed(1)),
  'get /conversations/:id/entries': heavy(page(limits.entriesDefault, limits.entriesMax)),
  'get /conversations/:id/members': heavy(searched),
  'get /messages/:id': heavy(usualPage),
  'get /users': heavy(searched),
  'get /me/blocks': heavy(fixed(forMany)),
  'get /rooms/:slug': heavy(fixed(1)),
  'get /rooms/:slug/here': heavy(fixed(forMany)),
  'get /admin/reports': heavy(usualPage),
  'get /admin/suspensions': heavy(usualPage),
  'get /admin/audit': heavy(usualPage),

  'post /conversations': heavy(added('memberIds')),
  'post /conversations/:id/members': heavy(added('userIds')),
  'post /conversations/read-all': heavy(fixed(forMany)),
  // They are answered with the conversation, and what is unread in it is counted for that.
  'patch /conversations/:id': heavy(fixed(1)),
  'post /conversations/:id/leave': heavy(fixed(1)),
  'post /conversations/:id/members/me': heavy(fixed(1)),
  'patch /conversations/:id/members/:userId': heavy(fixed(1)),
  'delete /conversations/:id/members/:userId': heavy(fixed(1)),
  'post /rooms': heavy(fixed(1)),
  'patch /rooms/:slug': heavy(fixed(1)),
  'post /rooms/:slug/enter': heavy(fixed(1)),
  'post /rooms/:slug/kick': heavy(fixed(1)),
  'post /rooms/:slug/ban': heavy(fixed(1)),
  'put /conversations/:id/read': heavy(fixed(1)),
  'put /conversations/:id/unread': heavy(fixed(1)),
  'put /conversations/:id/draft': heavy(fixed(1)),
  'put /conversations/:id/mute': heavy(fixed(1)),
  // It looks at all conversations that the two have in common.
  'put /users/:id/block': heavy(fixed(1)),
  'delete /users/:id/block': heavy(fixed(1)),

  // Small, or what nobody's reading is to hold up: said here so that none is forgotten.
  'get /lab': ordinary,
  'post /auth/signup': ordinary,
  'post /auth/login': ordinary,
  'post /auth/logout': ordinary,
  'get /auth/me': ordinary,
  'get /me/admin': ordinary,
  'post /me/admin': ordinary,
  'get /me/settings': ordinary,
  'patch /me/settings': ordinary,
  'get /users/:id': ordinary,
  'post /reports': ordinary,
  'post /messages/send/:id': ordinary,
  'patch /messages/:id': ordinary,
  'delete /messages/:id': ordinary,
  'put /messages/:id/reactions/:emoji': ordinary,
  'delete /messages/:id/reactions/:emoji': ordinary,
  'put /messages/:id/pin': ordinary,
  'delete /messages/:id/pin': ordinary,
  'post /rooms/:slug/leave': ordinary,
  'delete /rooms/:slug': ordinary,
  'get /admin/users/:id': ordinary,
  'post /admin/reports/:id/resolve': ordinary,
  'post /admin/users/:id/suspension': ordinary,
  'delete /admin/users/:id/suspension': ordinary,
};

/** The events of a socket that are heavy. */
export const heavyEvents: ReadonlySet<RequestName> = new Set<RequestName>(['entries:after']);

/** Those that are emitted to others at once and that are no sends, which are counted by themselves. */
export const audibleEvents: ReadonlySet<RequestName> = new Set<RequestName>([
  'read:set',
  'delivered:set',
  'typing:set',
]);

/** What an answer was worth beyond the one that was counted for its event: a follower asks for much and mostly gets little. */
export function worthOf(answer: object): number {
  if ('entries' in answer && Array.isArray(answer.entries)) {
    return Math.floor(answer.entries.length / rowsForOne);
  }
  return 0;
}
