import * as z from 'zod/mini';
import { Id } from '../primitives.js';
import {
  AdminPerson,
  AuditEntry,
  AuditQuery,
  Report,
  ReportsQuery,
  ResolveBody,
  SuspensionsQuery,
} from '../reports.js';
import { plain, type RouteTable } from './route.js';

const oneId = z.object({ id: Id });

/** What only admins can do. */
export const adminRoutes = {
  'GET /api/admin/reports': {
    ...plain,
    summary: 'Reports that wait, or those that were resolved; `Link` leads to the next page',
    who: 'admin',
    query: ReportsQuery,
    answers: { 200: z.array(Report) },
  },
  'POST /api/admin/reports/:id/resolve': {
    ...plain,
    summary: 'Decide what becomes of a report, and of all that wait on the same thing',
    who: 'admin',
    params: oneId,
    body: ResolveBody,
    answers: { 200: Report },
    errors: ['CONFLICT', 'REFUSED'],
  },
  'GET /api/admin/users/:id': {
    ...plain,
    summary: 'A person as an admin sees them',
    who: 'admin',
    params: oneId,
    answers: { 200: AdminPerson },
  },
  'POST /api/admin/users/:id/suspension': {
    ...plain,
    summary: 'Suspend an account: it is signed out everywhere and cannot sign in',
    who: 'admin',
    params: oneId,
    answers: { 200: AdminPerson },
    errors: ['REFUSED'],
  },
  'DELETE /api/admin/users/:id/suspension': {
    ...plain,
    summary: 'Lift a suspension',
    who: 'admin',
    params: oneId,
    answers: { 200: AdminPerson },
  },
  'GET /api/admin/suspensions': {
    ...plain,
    summary: 'Who is suspended, by id; `Link` leads to the next page',
    who: 'admin',
    query: SuspensionsQuery,
    answers: { 200: z.array(AdminPerson) },
  },
  'GET /api/admin/audit': {
    ...plain,
    summary: 'What admins did, the newest first; `Link` leads to the next page',
    who: 'admin',
    query: AuditQuery,
    answers: { 200: z.array(AuditEntry) },
  },
} as const satisfies RouteTable;
