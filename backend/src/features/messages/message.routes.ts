import type { Message } from '@sori/contract';
import type { RouteHandlers } from '../../http/routes.js';
import type { HistoryPage } from './history.js';
import type { Messages } from './message.service.js';

export const messageRoutes = (messages: Messages, sent: () => void) =>
  ({
    async 'GET /api/messages/:id'({ caller, params, query }, _request, response) {
      const page = await messages.history(caller, { ...query, of: params.id });
      const links = linksOf(params.id, query.limit, page);
      if (links !== '') response.setHeader('Link', links);
      return page.messages;
    },

    async 'POST /api/messages/send/:id'({ caller, params, body }, _request, response) {
      const { message, repeat } = await messages.send(caller, { ...body, to: params.id });
      if (repeat) response.setHeader('Idempotent-Replayed', 'true');
      else sent();
      return message;
    },

    'PATCH /api/messages/:id': ({ caller, params, body }) =>
      messages.edit(caller, { ...body, messageId: params.id }),

    'DELETE /api/messages/:id': ({ caller, params, body }) =>
      messages.remove(caller, { ...body, messageId: params.id }),

    'PUT /api/messages/:id/reactions/:emoji': ({ caller, params: { id, emoji }, body }) =>
      messages.react(caller, { ...body, messageId: id, emoji, on: true }),

    'DELETE /api/messages/:id/reactions/:emoji': ({ caller, params: { id, emoji }, body }) =>
      messages.react(caller, { ...body, messageId: id, emoji, on: false }),

    'PUT /api/messages/:id/pin': ({ caller, params, body }) =>
      messages.pin(caller, { ...body, messageId: params.id, pinned: true }),

    'DELETE /api/messages/:id/pin': ({ caller, params, body }) =>
      messages.pin(caller, { ...body, messageId: params.id, pinned: false }),
  }) satisfies Partial<RouteHandlers>;

/** RFC 8288: `prev` leads to older messages, `next` to newer ones, while there are any. */
function linksOf(id: string, limit: number, { messages, older, newer }: HistoryPage): string {
  const [first] = messages;
  const last: Message | undefined = messages.at(-1);
  const links: string[] = [];
  if (older && first) links.push(`</api/messages/${id}?limit=${limit}&before=${first.seq}>; rel="prev"`);
  if (newer && last) links.push(`</api/messages/${id}?limit=${limit}&after=${last.seq}>; rel="next"`);
  return links.join(', ');
}
