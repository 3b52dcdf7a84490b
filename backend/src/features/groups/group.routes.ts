import type { RouteHandlers } from '../../http/routes.js';
import type { Groups } from './group.service.js';

export const groupRoutes = (groups: Groups) =>
  ({
    async 'POST /api/conversations'({ caller, body }, _request, response) {
      const { conversation, repeat } = await groups.create(caller, body);
      if (repeat) response.setHeader('Idempotent-Replayed', 'true');
      return conversation;
    },

    'PATCH /api/conversations/:id': ({ caller, params, body }) =>
      groups.update(caller, { ...body, conversationId: params.id }),

    'GET /api/conversations/:id/members': ({ caller, params, query }) =>
      groups.list(caller, { ...query, conversationId: params.id }),

    'POST /api/conversations/:id/members': ({ caller, params, body }) =>
      groups.add(caller, { ...body, conversationId: params.id }),

    'POST /api/conversations/:id/members/me': ({ caller, params, body }) =>
      groups.comeBack(caller, { ...body, conversationId: params.id }),

    'DELETE /api/conversations/:id/members/:userId': ({ caller, params, body }) =>
      groups.remove(caller, { ...body, conversationId: params.id, userId: params.userId }),

    'PATCH /api/conversations/:id/members/:userId': ({ caller, params, body }) =>
      groups.setRole(caller, { ...body, conversationId: params.id, userId: params.userId }),

    'POST /api/conversations/:id/leave': ({ caller, params, body }) =>
      groups.leave(caller, { ...body, conversationId: params.id }),
  }) satisfies Partial<RouteHandlers>;
