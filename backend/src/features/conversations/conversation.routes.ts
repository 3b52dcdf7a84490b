import type { RouteHandlers } from '../../http/routes.js';
import type { Conversations } from './conversation.service.js';

export const conversationRoutes = (conversations: Conversations) =>
  ({
    async 'GET /api/conversations'({ caller, query }, _request, response) {
      const { conversations: page, next } = await conversations.list(caller, query);
      if (next !== null) {
        response.setHeader('Link', `</api/conversations?limit=${query.limit}&before=${next}>; rel="next"`);
      }
      return page;
    },

    'GET /api/conversations/:id': ({ caller, params }) => conversations.get(caller, params.id),

    'GET /api/conversations/:id/entries': ({ caller, params, query }) =>
      conversations.entriesAfter(caller, { ...query, conversationId: params.id, tooLong: false }),

    async 'PUT /api/conversations/:id/read'({ caller, params, body }) {
      await conversations.setRead(caller, { conversationId: params.id, seq: body.seq });
      return conversations.get(caller, params.id);
    },

    'PUT /api/conversations/:id/unread': ({ caller, params, body }) =>
      conversations.setUnread(caller, { conversationId: params.id, seq: body.seq }),

    'PUT /api/conversations/:id/draft': ({ caller, params, body }) =>
      conversations.setDraft(caller, { ...body, conversationId: params.id }),

    'PUT /api/conversations/:id/mute': ({ caller, params, body }) =>
      conversations.setMute(caller, { ...body, conversationId: params.id }),

    'POST /api/conversations/read-all': ({ caller }) => conversations.readAll(caller),
  }) satisfies Partial<RouteHandlers>;
