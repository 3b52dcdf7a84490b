import * as z from 'zod/mini';
import { bounded } from '../bounded.js';
import { Conversation } from '../conversations.js';
import { Person } from '../people.js';
import { Id } from '../primitives.js';
import { plain, type RouteTable } from './route.js';

const oneId = z.object({ id: Id });
const own = { ...plain, who: 'account', emits: true, answers: { 200: Person } } as const;
const group = {
  ...plain,
  who: 'account',
  emits: true,
  params: oneId,
  answers: { 200: Conversation },
  errors: ['FORBIDDEN', 'NOT_FOUND', 'UNSUPPORTED'],
} as const;

/** Pictures of people and groups. Each has an address that is another one's with another picture. */
export const pictureRoutes = {
  'PUT /api/me/picture': {
    ...own,
    summary: 'Choose a picture of oneself: the body is one',
    takes: 'bytes',
    errors: ['UNSUPPORTED'],
  },
  'DELETE /api/me/picture': {
    ...own,
    summary: 'Go back to the picture that is drawn of one’s name',
  },
  'PUT /api/conversations/:id/picture': {
    ...group,
    summary: 'Choose the picture of a group: the body is one',
    takes: 'bytes',
  },
  'DELETE /api/conversations/:id/picture': {
    ...group,
    summary: 'Take the picture of a group away',
  },
  'GET /api/pictures/:name': {
    ...plain,
    summary: 'A picture of somebody or of a group; whoever knows its address may see it',
    who: 'anyone',
    // Whatever an address has room for: what names no picture is not found.
    params: z.object({ name: bounded('name', 4_096) }),
    type: 'bytes',
    answers: { 200: null },
    errors: ['NOT_FOUND'],
  },
} as const satisfies RouteTable;
