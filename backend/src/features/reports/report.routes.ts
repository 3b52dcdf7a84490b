import { ReportBody } from '@sori/contract';
import { Router } from 'express';
import { callerOf } from '../../http/require-caller.js';
import type { Reports } from './report.service.js';

/** Under `/api/reports`, for signed-in people. */
export function reportRoutes(reports: Reports): Router {
  const router = Router();

  router.post('/', async (request, response) => {
    response.status(201).json(await reports.report(callerOf(response), ReportBody.parse(request.body)));
  });

  return router;
}
