import { limits, type RequestName, type RouteName } from '@sori/contract';

/**
 * What a call costs of what a person, an address or a socket may ask for, where that is more than one, and whether it is
 * heavy: then it waits for its turn. Sends, changes of messages, reads and typing are neither, so that nobody's message ever
 * waits behind somebody's reading, not even their own.
 */
export interface Price {
  heavy: boolean;
  cost: (asked: Asked) => number;
  /** The body is bytes that are read as they come: other limits see to its length. */
  takesBytes?: true;
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

/** Not counted at all: what a page loads by the dozen and a browser keeps. */
const free: Price = { heavy: false, cost: fixed(0) };
export const ordinary: Price = { heavy: false, cost: fixed(1) };

const upload: Price = { ...ordinary, takesBytes: true };

/** What is counted: the contract's routes under `/api`. */
export type PricedRoute = Extract<RouteName, `${string} /api/${string}`>;

/** The price of every one of them, so that nobody who adds a route forgets whether it is heavy. */
export const routePrices: Readonly<Record<PricedRoute, Price>> = {
  'GET /api/avatars/:name.svg': free,
  // As many as there are pictures on a page, and parts of an upload.
  'GET /api/files/:id': free,
  'HEAD /api/uploads/:id': free,
  'PATCH /api/uploads/:id': { ...free, takesBytes: true },
  'POST /api/files': upload,
  'POST /api/uploads': upload,
  'DELETE /api/uploads/:id': upload,
  'PUT /api/me/picture': upload,
  'PUT /api/conversations/:id/picture': upload,
  'GET /api/pictures/:name': free,

  'GET /api/bootstrap': heavy(fixed(forMany)),
  'GET /api/conversations': heavy(usualPage),
  'GET /api/conversations/:id': heavy(fixed(1)),
  'GET /api/conversations/:id/entries': heavy(page(limits.entriesDefault, limits.entriesMax)),
  'GET /api/conversations/:id/members': heavy(searched),
  'GET /api/messages/:id': heavy(usualPage),
  'GET /api/conversations/:id/files': heavy(usualPage),
  'GET /api/users': heavy(searched),
  'GET /api/me/blocks': heavy(fixed(forMany)),
  'GET /api/rooms/:slug': heavy(fixed(1)),
  'GET /api/rooms/:slug/here': heavy(fixed(forMany)),
  'GET /api/admin/reports': heavy(usualPage),
  'GET /api/admin/suspensions': heavy(usualPage),
  'GET /api/admin/audit': heavy(usualPage),

  'POST /api/conversations': heavy(added('memberIds')),
  'POST /api/conversations/:id/members': heavy(added('userIds')),
  'POST /api/conversations/read-all': heavy(fixed(forMany)),
  // They are answered with the conversation, and what is unread in it is counted for that.
  'PATCH /api/conversations/:id': heavy(fixed(1)),
  'POST /api/conversations/:id/leave': heavy(fixed(1)),
  'POST /api/conversations/:id/members/me': heavy(fixed(1)),
  'PATCH /api/conversations/:id/members/:userId': heavy(fixed(1)),
  'DELETE /api/conversations/:id/members/:userId': heavy(fixed(1)),
  'POST /api/rooms': heavy(fixed(1)),
  'PATCH /api/rooms/:slug': heavy(fixed(1)),
  'POST /api/rooms/:slug/enter': heavy(fixed(1)),
  'POST /api/rooms/:slug/kick': heavy(fixed(1)),
  'POST /api/rooms/:slug/ban': heavy(fixed(1)),
  'PUT /api/conversations/:id/read': heavy(fixed(1)),
  'PUT /api/conversations/:id/unread': heavy(fixed(1)),
  'PUT /api/conversations/:id/draft': heavy(fixed(1)),
  'PUT /api/conversations/:id/mute': heavy(fixed(1)),
  // It looks at all conversations that the two have in common.
  'PUT /api/users/:id/block': heavy(fixed(1)),
  'DELETE /api/users/:id/block': heavy(fixed(1)),

  // Small, or what nobody's reading is to hold up.
  'GET /api/lab': ordinary,
  'POST /api/auth/signup': ordinary,
  'POST /api/auth/login': ordinary,
  'POST /api/auth/logout': ordinary,
  'GET /api/auth/me': ordinary,
  'GET /api/me/admin': ordinary,
  'POST /api/me/admin': ordinary,
  'GET /api/me/settings': ordinary,
  'PATCH /api/me/settings': ordinary,
  'GET /api/users/:id': ordinary,
  'DELETE /api/me/picture': ordinary,
  'DELETE /api/conversations/:id/picture': ordinary,
  'POST /api/reports': ordinary,
  'POST /api/messages/send/:id': ordinary,
  'PATCH /api/messages/:id': ordinary,
  'DELETE /api/messages/:id': ordinary,
  'PUT /api/messages/:id/reactions/:emoji': ordinary,
  'DELETE /api/messages/:id/reactions/:emoji': ordinary,
  'PUT /api/messages/:id/pin': ordinary,
  'DELETE /api/messages/:id/pin': ordinary,
  'POST /api/rooms/:slug/leave': ordinary,
  'DELETE /api/rooms/:slug': ordinary,
  'GET /api/admin/users/:id': ordinary,
  'POST /api/admin/reports/:id/resolve': ordinary,
  'POST /api/admin/users/:id/suspension': ordinary,
  'DELETE /api/admin/users/:id/suspension': ordinary,
};

/** The events of a socket that are heavy. */
export const heavyEvents: ReadonlySet<RequestName> = new Set<RequestName>(['entries:after']);

/** Those that are emitted to others at once and that are no sends, which are counted by themselves. */
export const emittingEvents: ReadonlySet<RequestName> = new Set<RequestName>([
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
