import type { RouteHandlers } from '../../http/routes.js';
import type { SharedList } from './shared.js';

export const sharedRoutes = ({ shared }: { shared: SharedList }) =>
  ({
    'GET /api/conversations/:id/files': ({ caller, params, query }) =>
      shared(caller, { ...query, conversationId: params.id }),
  }) satisfies Partial<RouteHandlers>;
