import { ReportBody } from '@sori/contract';
import { type RequestHandler, Router } from 'express';
import { callerOf } from '../../http/require-caller.js';
import type { Reports } from './report.service.js';

/**
 * Under `/api/reports`, for signed-in people.
 * @param counted counts by the address what others have to look at
 */
export function reportRoutes(reports: Reports, counted: RequestHandler): Router {
  const router = Router();

  router.post('/', counted, async (request, response) => {
    response.status(201).json(await reports.report(callerOf(response), ReportBody.parse(request.body)));
  });

  return router;
}
