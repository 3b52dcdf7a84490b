import type { RouteHandlers } from '../../http/routes.js';
import type { BootstrapService } from './bootstrap.service.js';

export const bootstrapRoutes = (bootstrap: BootstrapService) =>
  ({
    'GET /api/bootstrap': ({ caller, query }) => bootstrap(caller, query),
  }) satisfies Partial<RouteHandlers>;
