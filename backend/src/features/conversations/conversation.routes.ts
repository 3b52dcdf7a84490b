import {
  ConversationsQuery,
  DraftBody,
  EntriesQuery,
  Id,
  MuteBody,
  PositionBody,
  UnreadBody,
} from '@sori/contract';
import { Router } from 'express';
import { callerOf } from '../../http/require-caller.js';
import type { Conversations } from './conversation.service.js';

/** Under `/api/conversations`, for signed-in people. */
export function conversationRoutes(conversations: Conversations): Router {
  const router = Router();

  router.get('/', async (req, res) => {
    const query = ConversationsQuery.parse(req.query);
    const { conversations: page, next } = await conversations.list(callerOf(res), query);
    if (next !== null) {
      res.setHeader('Link', `</api/conversations?limit=${query.limit}&before=${next}>; rel="next"`);
    }
    res.json(page);
  });

  router.get('/:id', async (req, res) => {
    res.json(await conversations.get(callerOf(res), Id.parse(req.params.id)));
  });

  router.get('/:id/entries', async (req, res) => {
    const asked = { ...EntriesQuery.parse(req.query), conversationId: Id.parse(req.params.id) };
    res.json(await conversations.entriesAfter(callerOf(res), asked, { tooLong: false }));
  });

  router.put('/:id/read', async (req, res) => {
    const conversationId = Id.parse(req.params.id);
    const { seq } = PositionBody.parse(req.body);
    await conversations.setRead(callerOf(res), { conversationId, seq });
    res.json(await conversations.get(callerOf(res), conversationId));
  });

  router.put('/:id/unread', async (req, res) => {
    const conversationId = Id.parse(req.params.id);
    const { seq } = UnreadBody.parse(req.body);
    res.json(await conversations.setUnread(callerOf(res), { conversationId, seq }));
  });

  router.put('/:id/draft', async (req, res) => {
    const id = Id.parse(req.params.id);
    res.json(await conversations.setDraft(callerOf(res), id, DraftBody.parse(req.body)));
  });

  router.put('/:id/mute', async (req, res) => {
    const id = Id.parse(req.params.id);
    res.json(await conversations.setMute(callerOf(res), id, MuteBody.parse(req.body)));
  });

  router.post('/read-all', async (_req, res) => {
    await conversations.readAll(callerOf(res));
    res.status(204).end();
  });

  return router;
}
