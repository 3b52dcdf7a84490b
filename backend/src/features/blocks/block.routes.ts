import type { RouteHandlers } from '../../http/routes.js';
import type { Blocks } from './block.service.js';

export const blockRoutes = (blocks: Blocks) =>
  ({
    'PUT /api/users/:id/block': ({ caller, params }) => blocks.block(caller, params.id),
    'DELETE /api/users/:id/block': ({ caller, params }) => blocks.unblock(caller, params.id),
    'GET /api/me/blocks': ({ caller }) => blocks.list(caller),
  }) satisfies Partial<RouteHandlers>;
