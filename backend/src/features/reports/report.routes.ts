import type { RouteHandlers } from '../../http/routes.js';
import type { Reports } from './report.service.js';

export const reportRoutes = (reports: Reports) =>
  ({
    'POST /api/reports': ({ caller, body }) => reports.report(caller, body),
  }) satisfies Partial<RouteHandlers>;
