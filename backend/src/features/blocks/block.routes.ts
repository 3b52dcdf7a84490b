import { Id } from '@sori/contract';
import { type RequestHandler, Router } from 'express';
import { callerOf, requireCaller, type Authenticate } from '../../http/require-caller.js';
import type { Blocks } from './block.service.js';

/**
 * `/users/:id/block` and `/me/blocks`, for mounting under `/api`.
 * @param counted counts by the address what others may notice
 */
export function blockRoutes(blocks: Blocks, authenticate: Authenticate, counted: RequestHandler): Router {
  const router = Router();
  const signedIn = requireCaller(authenticate);

  router.put('/users/:id/block', signedIn, counted, async (request, response) => {
    await blocks.block(callerOf(response), Id.parse(request.params['id']));
    response.status(204).end();
  });

  router.delete('/users/:id/block', signedIn, counted, async (request, response) => {
    await blocks.unblock(callerOf(response), Id.parse(request.params['id']));
    response.status(204).end();
  });

  router.get('/me/blocks', signedIn, async (_request, response) => {
    response.json(await blocks.list(callerOf(response)));
  });

  return router;
}
