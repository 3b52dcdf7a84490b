import * as z from 'zod/mini';
import { ChangeBody, EditBody, Emoji, HistoryQuery, Message, SendBody } from '../messages.js';
import { Id } from '../primitives.js';
import { plain, type RouteTable } from './route.js';

const oneId = z.object({ id: Id });
const reaction = z.object({ id: Id, emoji: Emoji });
const changed = { answers: { 200: Message }, idempotent: true } as const;
const mayFail = ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'REFUSED'] as const;

/** Reading, sending and changing messages. */
export const messageRoutes = {
  'GET /api/messages/:id': {
    ...plain,
    summary:
      'Messages with a person, or of a conversation, oldest first; `Link` leads to those before and after',
    who: 'visitor',
    params: oneId,
    query: HistoryQuery,
    answers: { 200: z.array(Message) },
    errors: ['NOT_FOUND'],
  },
  'POST /api/messages/send/:id': {
    ...plain,
    summary: 'Send a message to a person or to a conversation',
    who: 'visitor',
    params: oneId,
    body: SendBody,
    answers: { 201: Message },
    idempotent: true,
    errors: mayFail,
  },
  'PATCH /api/messages/:id': {
    ...plain,
    ...changed,
    summary: 'Edit a message of one’s own',
    who: 'visitor',
    params: oneId,
    body: EditBody,
    errors: mayFail,
  },
  'DELETE /api/messages/:id': {
    ...plain,
    ...changed,
    summary: 'Delete a message for everyone',
    who: 'visitor',
    params: oneId,
    body: ChangeBody,
    errors: mayFail,
  },
  'PUT /api/messages/:id/reactions/:emoji': {
    ...plain,
    ...changed,
    summary: 'React to a message',
    who: 'visitor',
    params: reaction,
    body: ChangeBody,
    errors: mayFail,
  },
  'DELETE /api/messages/:id/reactions/:emoji': {
    ...plain,
    ...changed,
    summary: 'Take a reaction back',
    who: 'visitor',
    params: reaction,
    body: ChangeBody,
    errors: mayFail,
  },
  'PUT /api/messages/:id/pin': {
    ...plain,
    ...changed,
    summary: 'Pin a message',
    who: 'account',
    params: oneId,
    body: ChangeBody,
    errors: mayFail,
  },
  'DELETE /api/messages/:id/pin': {
    ...plain,
    ...changed,
    summary: 'Take a pin off',
    who: 'account',
    params: oneId,
    body: ChangeBody,
    errors: mayFail,
  },
} as const satisfies RouteTable;
