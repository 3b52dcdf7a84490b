import { ChangeBody, EditBody, Emoji, HistoryQuery, Id, type Message, SendBody } from '@sori/contract';
import { type Request, Router } from 'express';
import { clientIdOf } from '../../http/client-id.js';
import { callerOf } from '../../http/require-caller.js';
import type { ChangeAsked } from './changes.js';
import type { HistoryPage, Messages } from './message.service.js';

/** Under `/api/messages`, for signed-in people. */
export function messageRoutes(messages: Messages): Router {
  const router = Router();

  router.post('/send/:id', async (req, res) => {
    const body = SendBody.parse(req.body);
    const { message, repeat } = await messages.send(callerOf(res), {
      ...body,
      clientId: clientIdOf(req, body),
      to: Id.parse(req.params.id),
    });
    if (repeat) res.setHeader('Idempotent-Replayed', 'true');
    res.status(201).json(message);
  });

  router.patch('/:messageId', async (req, res) => {
    const { message, ...asked } = EditBody.parse(req.body);
    res.json(await messages.edit(callerOf(res), { ...changeOf(req, asked), message }));
  });

  router.delete('/:messageId', async (req, res) => {
    res.json(await messages.remove(callerOf(res), changeOf(req)));
  });

  router.put('/:messageId/reactions/:emoji', async (req, res) => {
    const emoji = Emoji.parse(req.params.emoji);
    res.json(await messages.react(callerOf(res), { ...changeOf(req), emoji, on: true }));
  });

  router.delete('/:messageId/reactions/:emoji', async (req, res) => {
    const emoji = Emoji.parse(req.params.emoji);
    res.json(await messages.react(callerOf(res), { ...changeOf(req), emoji, on: false }));
  });

  router.put('/:messageId/pin', async (req, res) => {
    res.json(await messages.pin(callerOf(res), { ...changeOf(req), pinned: true }));
  });

  router.delete('/:messageId/pin', async (req, res) => {
    res.json(await messages.pin(callerOf(res), { ...changeOf(req), pinned: false }));
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

const changeOf = (
  req: Request<{ messageId: string }>,
  body: ChangeBody = ChangeBody.parse(req.body ?? {}),
): ChangeAsked => ({ messageId: Id.parse(req.params.messageId), clientId: clientIdOf(req, body) });

/** RFC 8288: `prev` leads to older messages, `next` to newer ones, while there are any. */
function linksOf(id: string, limit: number, { messages, older, newer }: HistoryPage): string {
  const [first] = messages;
  const last: Message | undefined = messages.at(-1);
  const links: string[] = [];
  if (older && first) links.push(`</api/messages/${id}?limit=${limit}&before=${first.seq}>; rel="prev"`);
  if (newer && last) links.push(`</api/messages/${id}?limit=${limit}&after=${last.seq}>; rel="next"`);
  return links.join(', ');
}
