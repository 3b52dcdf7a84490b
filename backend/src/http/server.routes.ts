import { AppError } from '../core/errors.js';
import type { RouteHandlers } from './routes.js';

export interface ServerRoutesDeps {
  isStopping: () => boolean;
  /** @throws AppError UNAVAILABLE while the database does not answer */
  requireDatabase: () => Promise<void>;
  config: { lab: boolean };
}

export const serverRoutes = ({ isStopping, requireDatabase, config }: ServerRoutesDeps) =>
  ({
    'GET /healthz': () => ({ ok: true }),

    async 'GET /readyz'() {
      if (isStopping()) throw new AppError('UNAVAILABLE', 'The server is stopping');
      await requireDatabase();
      return { ok: true };
    },

    // Whether the page may show its drawer of tools that break the connection (SORI_LAB). Asked by every page, so never a 404.
    'GET /api/lab': () => ({ lab: config.lab }),
  }) satisfies Partial<RouteHandlers>;
