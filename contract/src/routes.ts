import type * as z from 'zod/mini';
import { accountRoutes } from './routes/accounts.js';
import { adminRoutes } from './routes/admin.js';
import { conversationRoutes } from './routes/conversations.js';
import { groupRoutes } from './routes/groups.js';
import { messageRoutes } from './routes/messages.js';
import { peopleRoutes } from './routes/people.js';
import { roomRoutes } from './routes/rooms.js';
import type { Who } from './routes/route.js';
import { serverRoutes } from './routes/server.js';

export { commonErrors, errorsOf, type Method, type Route, type Who } from './routes/route.js';

/**
 * Every route of REST: what it takes, what it answers, who may call it. The server parses and authorises by it, and every
 * row has a handler, or the server does not compile.
 */
export const routes = {
  ...serverRoutes,
  ...accountRoutes,
  ...peopleRoutes,
  ...messageRoutes,
  ...conversationRoutes,
  ...groupRoutes,
  ...roomRoutes,
  ...adminRoutes,
} as const;
export type Routes = typeof routes;
export type RouteName = keyof Routes;
export const routeNames = Object.keys(routes) as RouteName[];

export type RouteParams<Name extends RouteName> = z.output<Routes[Name]['params']>;
export type RouteQuery<Name extends RouteName> = z.output<Routes[Name]['query']>;
export type RouteBody<Name extends RouteName> = z.output<Routes[Name]['body']>;
export type RouteWho<Name extends RouteName> = Extract<Routes[Name]['who'], Who>;

type Answers<Name extends RouteName> = Routes[Name]['answers'][keyof Routes[Name]['answers']];
/** What a route answers; nothing where it has no body. */
export type RouteAnswer<Name extends RouteName> =
  Answers<Name> extends z.ZodMiniType ? z.output<Answers<Name>> : undefined;
