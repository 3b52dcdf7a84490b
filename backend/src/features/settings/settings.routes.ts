import type { RouteHandlers } from '../../http/routes.js';
import type { SettingsService } from './settings.service.js';

export const settingsRoutes = (settings: SettingsService) =>
  ({
    'GET /api/me/settings': ({ caller }) => settings.get(caller.userId),
    'PATCH /api/me/settings': ({ caller, body }) => settings.change(caller, body),
  }) satisfies Partial<RouteHandlers>;
