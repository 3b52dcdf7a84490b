import * as z from 'zod/mini';
import { Bootstrap, BootstrapQuery } from '../bootstrap.js';
import { BecomeAdmin, Login, Person, Signup } from '../people.js';
import { AdminState } from '../reports.js';
import { Settings, SettingsChange } from '../settings.js';
import { plain, type RouteTable } from './route.js';

/** Accounts, sessions, and what belongs to oneself. */
export const accountRoutes = {
  'POST /api/auth/signup': {
    ...plain,
    summary: 'Make an account and sign in to it: sets the session cookie',
    who: 'anyone',
    body: Signup,
    answers: { 201: Person },
    errors: ['USERNAME_TAKEN', 'REFUSED'],
  },
  'POST /api/auth/login': {
    ...plain,
    summary: 'Sign in: sets the session cookie',
    who: 'anyone',
    body: Login,
    answers: { 200: Person },
    errors: ['INVALID_CREDENTIALS', 'REFUSED'],
  },
  'POST /api/auth/logout': {
    ...plain,
    summary: 'End the session, if there is one, and its sockets everywhere',
    who: 'anyone',
    answers: { 200: z.object({ message: z.string() }) },
  },
  'GET /api/auth/me': {
    ...plain,
    summary: 'Who is signed in',
    who: 'account',
    answers: { 200: Person },
  },
  'GET /api/me/admin': {
    ...plain,
    summary: 'Whether the caller is an admin',
    who: 'account',
    answers: { 200: AdminState },
  },
  'POST /api/me/admin': {
    ...plain,
    summary: 'Become the first admin, by the one-time code',
    who: 'account',
    body: BecomeAdmin,
    answers: { 200: AdminState },
    errors: ['FORBIDDEN'],
  },
  'GET /api/me/settings': {
    ...plain,
    summary: 'What the caller has chosen for all devices',
    who: 'account',
    answers: { 200: Settings },
  },
  'PATCH /api/me/settings': {
    ...plain,
    summary: 'Change some of the settings',
    who: 'account',
    body: SettingsChange,
    answers: { 200: Settings },
  },
  'GET /api/bootstrap': {
    ...plain,
    summary: 'All that a page needs to begin',
    who: 'account',
    query: BootstrapQuery,
    answers: { 200: Bootstrap },
  },
} as const satisfies RouteTable;
