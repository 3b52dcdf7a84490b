import { ClientId, HistoryQuery, Id, type Message, SendBody } from '@sori/contract';
import { Router } from 'express';
import { callerOf } from '../../http/require-caller.js';
import type { HistoryPage, Messages } from './message.service.js';

/** Under `/api/messages`, for signed-in people. */
export function messageRoutes(messages: Messages): Router {
  const router = Router();

  router.post('/send/:id', async (req, res) => {
    const body = SendBody.parse(req.body);
    const header = req.get('idempotency-key');
    const clientId = body.clientId ?? (header === undefined ? undefined : ClientId.parse(header));
    const { message, repeat } = await messages.send(callerOf(res), {
      ...body,
      clientId,
      to: Id.parse(req.params.id),
    });
    if (repeat) res.setHeader('Idempotent-Replayed', 'true');
    res.status(201).json(message);
  });

  router.get('/:id', async (req, res) => {
    const id = Id.parse(req.params.id);
    const query = HistoryQuery.parse(req.query);
    const page = await messages.history(callerOf(res), id, query);
    const links = linksOf(id, query.limit, page);
    if (links !== '') res.setHeader('Link', links);
    res.json(page.messages);
  });

  return router;
}

/** RFC 8288: `prev` leads to older messages, `next` to newer ones, while there are any. */
function linksOf(id: string, limit: number, { messages, older, newer }: HistoryPage): string {
  const [first] = messages;
  const last: Message | undefined = messages.at(-1);
  const links: string[] = [];
  if (older && first) links.push(`</api/messages/${id}?limit=${limit}&before=${first.seq}>; rel="prev"`);
  if (newer && last) links.push(`</api/messages/${id}?limit=${limit}&after=${last.seq}>; rel="next"`);
  return links.join(', ');
}
