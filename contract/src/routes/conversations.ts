import * as z from 'zod/mini';
import {
  Conversation,
  ConversationsQuery,
  DraftBody,
  MuteBody,
  PositionBody,
  UnreadBody,
} from '../conversations.js';
import { EntriesPage, EntriesQuery } from '../entries.js';
import { Id } from '../primitives.js';
import { plain, type RouteTable } from './route.js';

const oneId = z.object({ id: Id });
const one = { params: oneId, answers: { 200: Conversation }, errors: ['NOT_FOUND'] } as const;

/** Conversations of every kind, and what a person keeps for themselves in them. */
export const conversationRoutes = {
  'GET /api/conversations': {
    ...plain,
    summary: 'The caller’s conversations, latest activity first; `Link` leads to the next page',
    who: 'account',
    query: ConversationsQuery,
    answers: { 200: z.array(Conversation) },
  },
  'GET /api/conversations/:id': {
    ...plain,
    ...one,
    summary: 'One conversation as the caller sees it',
    who: 'visitor',
  },
  'GET /api/conversations/:id/entries': {
    ...plain,
    summary: 'The log of a conversation after a position',
    who: 'visitor',
    params: oneId,
    query: EntriesQuery,
    answers: { 200: EntriesPage },
    errors: ['NOT_FOUND'],
  },
  'PUT /api/conversations/:id/read': {
    ...plain,
    ...one,
    summary: 'Say how far the caller has read',
    who: 'visitor',
    body: PositionBody,
  },
  'PUT /api/conversations/:id/unread': {
    ...plain,
    ...one,
    summary: 'Mark as unread from a message on; nobody else is notified',
    who: 'account',
    body: UnreadBody,
  },
  'PUT /api/conversations/:id/draft': {
    ...plain,
    ...one,
    summary: 'Keep what is not sent yet for the other devices',
    who: 'account',
    body: DraftBody,
  },
  'PUT /api/conversations/:id/mute': {
    ...plain,
    ...one,
    summary: 'Mute for a while, or no longer',
    who: 'account',
    body: MuteBody,
  },
  'POST /api/conversations/read-all': {
    ...plain,
    summary: 'Mark everything as read',
    who: 'account',
    answers: { 204: null },
  },
} as const satisfies RouteTable;
