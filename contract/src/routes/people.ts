import * as z from 'zod/mini';
import { bounded } from '../bounded.js';
import { PeopleByIds, PeopleQuery, Person } from '../people.js';
import { Id } from '../primitives.js';
import { OwnReport, ReportBody } from '../reports.js';
import { plain, type RouteTable } from './route.js';

const oneId = z.object({ id: Id });

/** People, whom one blocks, and what one reports. */
export const peopleRoutes = {
  'GET /api/users': {
    ...plain,
    summary: 'People without the caller, by id or as the search finds them; with `ids` those, in that order',
    who: 'account',
    query: z.extend(PeopleByIds, PeopleQuery.shape),
    answers: { 200: z.array(Person) },
  },
  'GET /api/users/:id': {
    ...plain,
    summary: 'One person',
    who: 'account',
    params: oneId,
    answers: { 200: Person },
    errors: ['NOT_FOUND'],
  },
  'GET /api/avatars/:name.svg': {
    ...plain,
    summary: 'The picture of somebody who has chosen none; its address says all that is on it',
    who: 'anyone',
    // Whatever an address has room for: what names no picture is not found.
    params: z.object({ name: bounded('name', 4_096) }),
    answers: { 200: z.string() },
    errors: ['NOT_FOUND'],
    type: 'image/svg+xml',
  },
  'GET /api/me/blocks': {
    ...plain,
    summary: 'Whom the caller blocks, the latest first',
    who: 'account',
    answers: { 200: z.array(Person) },
  },
  'PUT /api/users/:id/block': {
    ...plain,
    summary: 'Block a person',
    who: 'account',
    emits: true,
    params: oneId,
    answers: { 204: null },
    errors: ['NOT_FOUND', 'REFUSED'],
  },
  'DELETE /api/users/:id/block': {
    ...plain,
    summary: 'Block a person no longer',
    who: 'account',
    emits: true,
    params: oneId,
    answers: { 204: null },
    errors: ['NOT_FOUND'],
  },
  'POST /api/reports': {
    ...plain,
    summary: 'Report a message or a person to the admins',
    who: 'account',
    emits: true,
    body: ReportBody,
    answers: { 201: OwnReport },
    errors: ['NOT_FOUND'],
  },
} as const satisfies RouteTable;
