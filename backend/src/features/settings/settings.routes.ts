import { SettingsChange } from '@sori/contract';
import { Router } from 'express';
import { callerOf } from '../../http/require-caller.js';
import type { SettingsService } from './settings.service.js';

/** Under `/api/me/settings`, for signed-in people. */
export function settingsRoutes(settings: SettingsService): Router {
  const router = Router();

  router.get('/', async (_req, res) => {
    res.json(await settings.get(callerOf(res).userId));
  });

  router.patch('/', async (req, res) => {
    res.json(await settings.change(callerOf(res), SettingsChange.parse(req.body)));
  });

  return router;
}
