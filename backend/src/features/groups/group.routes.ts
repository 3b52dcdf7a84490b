import type { RouteHandlers } from '../../http/routes.js';
import type { Groups } from './group.service.js';

export const groupRoutes = (groups: Groups) =>
  ({
    async 'POST /api/conversations'({ caller, body }, _request, response) {
      const { conversation, repeat } = await groups.create(caller, body);
      if (repeat) response.setHeader('Idempotent-Replayed', 'true');
      return conversation;
    },

    'PATCH /api/conversations/:id': ({ caller, params, body }) => groups.update(caller, params.id, body),

    'GET /api/conversations/:id/members': ({ caller, params, query }) =>
      groups.list(caller, params.id, query),

    'POST /api/conversations/:id/members': ({ caller, params, body }) =>
      groups.add(caller, params.id, body.userIds, body.clientId),

    'POST /api/conversations/:id/members/me': ({ caller, params, body }) =>
      groups.comeBack(caller, params.id, body.clientId),

    'DELETE /api/conversations/:id/members/:userId': ({ caller, params, body }) =>
      groups.remove(caller, params.id, params.userId, body.clientId),

    'PATCH /api/conversations/:id/members/:userId': ({ caller, params, body }) =>
      groups.setRole(caller, params.id, params.userId, body.role, body.clientId),

    'POST /api/conversations/:id/leave': ({ caller, params, body }) =>
      groups.leave(caller, params.id, body.clientId),
  }) satisfies Partial<RouteHandlers>;
