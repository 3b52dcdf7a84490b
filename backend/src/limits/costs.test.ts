import type { RequestHandler, Router } from 'express';
import { adminRoutes, type AdminRoutesDeps } from '../features/admin/admin.routes.js';
import { accountRoutes } from '../features/accounts/account.routes.js';
import type { Accounts } from '../features/accounts/account.service.js';
import { blockRoutes } from '../features/blocks/block.routes.js';
import type { Blocks } from '../features/blocks/block.service.js';
import { bootstrapRoutes } from '../features/bootstrap/bootstrap.routes.js';
import { conversationRoutes } from '../features/conversations/conversation.routes.js';
import type { Conversations } from '../features/conversations/conversation.service.js';
import { groupRoutes } from '../features/groups/group.routes.js';
import type { Groups } from '../features/groups/group.service.js';
import { messageRoutes } from '../features/messages/message.routes.js';
import type { Messages } from '../features/messages/message.service.js';
import { peopleRoutes } from '../features/people/people.routes.js';
import type { People } from '../features/people/people.service.js';
import { reportRoutes } from '../features/reports/report.routes.js';
import type { Reports } from '../features/reports/report.service.js';
import { roomRoutes } from '../features/rooms/room.routes.js';
import type { Rooms } from '../features/rooms/room.service.js';
import { settingsRoutes } from '../features/settings/settings.routes.js';
import type { SettingsService } from '../features/settings/settings.service.js';
import { routePrices } from './costs.js';

const nobody = (): Promise<null> => Promise.resolve(null);
const counted: RequestHandler = (_request, _response, next) => next();
const cookies = { sessionTtlSeconds: 1, trustProxyHops: 0 };
const visitors = { authenticate: nobody, seen: () => Promise.resolve() };

/** As they are mounted in the app; the services are not asked for anything. */
const mounted: [under: string, router: Router][] = [
  ['', blockRoutes({} as Blocks, nobody, counted)],
  ['', accountRoutes({} as Accounts, cookies)],
  ['', peopleRoutes({} as People, nobody)],
  ['/admin', adminRoutes({} as AdminRoutesDeps)],
  ['/bootstrap', bootstrapRoutes(() => Promise.reject(new Error('nobody asks')))],
  ['/conversations', conversationRoutes({} as Conversations)],
  ['/conversations', groupRoutes({} as Groups, counted)],
  ['/me/settings', settingsRoutes({} as SettingsService)],
  ['/messages', messageRoutes({} as Messages)],
  ['/reports', reportRoutes({} as Reports, counted)],
  ['/rooms', roomRoutes({} as Rooms, { account: nobody, visitors }, cookies, counted)],
];

const routes = mounted.flatMap(([under, { stack }]) =>
  stack.flatMap(({ route }) =>
    route ? route.stack.map(({ method }) => `${method} ${under}${route.path === '/' ? '' : route.path}`) : [],
  ),
);

describe('what a call costs', () => {
  it('is said of every route, so that nobody who adds one forgets to ask whether it is heavy', () => {
    expect(routes.length).toBeGreaterThan(40);
    // A picture's name ends like a file's.
    const said = new Set(Object.keys(routePrices)).add('get /avatars/:name.svg');
    expect([...new Set(routes)].filter((route) => !said.has(route))).toEqual([]);
  });
});
