import type * as z from 'zod/mini';
import { accountRoutes } from './routes/accounts.js';
import { adminRoutes } from './routes/admin.js';
import { conversationRoutes } from './routes/conversations.js';
import { fileRoutes } from './routes/files.js';
import { groupRoutes } from './routes/groups.js';
import { messageRoutes } from './routes/messages.js';
import { peopleRoutes } from './routes/people.js';
import { pictureRoutes } from './routes/pictures.js';
import { roomRoutes } from './routes/rooms.js';
import type { Method } from './routes/route.js';
import { serverRoutes } from './routes/server.js';

export { commonErrors, errorsOf, type Method, type Route, type Row, type Who } from './routes/route.js';

/**
 * Every route of REST: what it takes, what it answers, who may call it. The server parses and authorises by it, and every
 * row has a handler, or the server does not compile.
 */
export const routes = {
  ...serverRoutes,
  ...accountRoutes,
  ...peopleRoutes,
  ...pictureRoutes,
  ...messageRoutes,
  ...fileRoutes,
  ...conversationRoutes,
  ...groupRoutes,
  ...roomRoutes,
  ...adminRoutes,
} as const;
export type Routes = typeof routes;
export type RouteName = keyof Routes;
export const routeNames = Object.keys(routes) as RouteName[];

/** A route's name in its two parts; the path as Express writes it. */
export function methodAndPath(name: RouteName): { method: Method; path: string } {
  const [method, path] = name.split(' ') as [Method, string];
  return { method, path };
}

export type RouteParams<Name extends RouteName> = z.output<Routes[Name]['params']>;
export type RouteQuery<Name extends RouteName> = z.output<Routes[Name]['query']>;
export type RouteBody<Name extends RouteName> = z.output<Routes[Name]['body']>;

type Answers<Name extends RouteName> = Routes[Name]['answers'][keyof Routes[Name]['answers']];
/** What a route answers; nothing where it has no body. */
export type RouteAnswer<Name extends RouteName> =
  Answers<Name> extends z.ZodMiniType ? z.output<Answers<Name>> : undefined;
