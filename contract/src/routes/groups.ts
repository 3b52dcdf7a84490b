import * as z from 'zod/mini';
import { Conversation } from '../conversations.js';
import {
  AddMembers,
  ChangeGroup,
  ChangeRole,
  CreateGroup,
  Departure,
  Member,
  MembersQuery,
} from '../groups.js';
import { Id } from '../primitives.js';
import { plain, type RouteTable } from './route.js';

const oneId = z.object({ id: Id });
const oneMember = z.object({ id: Id, userId: Id });
const membership = {
  who: 'account',
  emits: true,
  idempotent: true,
  answers: { 200: Conversation },
  errors: ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'REFUSED'],
} as const;

/** Groups, and who is in them. */
export const groupRoutes = {
  'POST /api/conversations': {
    ...plain,
    summary: 'Make a group with the caller as its owner',
    who: 'account',
    emits: true,
    body: CreateGroup,
    answers: { 201: Conversation },
    idempotent: true,
    errors: ['NOT_FOUND', 'CONFLICT', 'REFUSED'],
  },
  'PATCH /api/conversations/:id': {
    ...plain,
    summary: 'Rename a group, or change where its log begins for newcomers',
    who: 'account',
    emits: true,
    params: oneId,
    body: ChangeGroup,
    answers: { 200: Conversation },
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  },
  'GET /api/conversations/:id/members': {
    ...plain,
    summary: 'The members by id, or those whom the search finds',
    who: 'account',
    params: oneId,
    query: MembersQuery,
    answers: { 200: z.array(Member) },
    errors: ['NOT_FOUND'],
  },
  'POST /api/conversations/:id/members': {
    ...plain,
    ...membership,
    summary: 'Add people; who is there already is passed over',
    params: oneId,
    body: AddMembers,
  },
  'POST /api/conversations/:id/members/me': {
    ...plain,
    ...membership,
    summary: 'Come back to a group that the caller left',
    params: oneId,
    body: Departure,
  },
  'DELETE /api/conversations/:id/members/:userId': {
    ...plain,
    ...membership,
    summary: 'Remove a member',
    params: oneMember,
    body: Departure,
  },
  'PATCH /api/conversations/:id/members/:userId': {
    ...plain,
    ...membership,
    summary: 'Change the role of a member',
    params: oneMember,
    body: ChangeRole,
  },
  'POST /api/conversations/:id/leave': {
    ...plain,
    ...membership,
    summary: 'Leave a group',
    params: oneId,
    body: Departure,
  },
} as const satisfies RouteTable;
