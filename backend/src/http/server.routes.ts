import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError, notFound } from '../core/errors.js';
import type { Metrics } from '../metrics/metrics.js';
import type { RouteHandlers } from './routes.js';

export interface ServerRoutesDeps {
  isStopping: () => boolean;
  /** @throws AppError UNAVAILABLE while the database does not answer */
  requireDatabase: () => Promise<void>;
  /** What is away that is not needed: the server goes on without it. */
  missing: () => 'redis'[];
  metrics: Pick<Metrics, 'text'>;
  config: { lab: boolean; metricsToken: string };
}

export const serverRoutes = ({ isStopping, requireDatabase, missing, metrics, config }: ServerRoutesDeps) =>
  ({
    'GET /healthz': () => ({ ok: true }),

    async 'GET /readyz'() {
      if (isStopping()) throw new AppError('UNAVAILABLE', 'The server is stopping');
      await requireDatabase();
      const degraded = missing();
      return degraded.length > 0 ? { ok: true, degraded } : { ok: true };
    },

    'GET /metrics'(_asked, request) {
      if (!shows(request.get('authorization'), config.metricsToken)) throw notFound();
      return metrics.text();
    },

    // Whether the page may show its drawer of tools that break the connection (SORI_LAB). Asked by every page, so never a 404.
    'GET /api/lab': () => ({ lab: config.lab }),
  }) satisfies Partial<RouteHandlers>;

/** Whether this header shows the token. How long it takes to say says nothing of the token. */
function shows(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
