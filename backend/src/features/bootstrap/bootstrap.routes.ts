import { BootstrapQuery } from '@sori/contract';
import { Router } from 'express';
import { callerOf } from '../../http/require-caller.js';
import type { BootstrapService } from './bootstrap.service.js';

/** Under `/api/bootstrap`, for signed-in people. */
export function bootstrapRoutes(bootstrap: BootstrapService): Router {
  const router = Router();

  router.get('/', async (req, res) => {
    res.json(await bootstrap(callerOf(res), BootstrapQuery.parse(req.query)));
  });

  return router;
}
