import * as z from 'zod/mini';
import { bounded } from '../bounded.js';
import { ChangeRoom, CreateRoom, EnteredRoom, EnterRoom, Room, RoomPerson, RoomTarget } from '../rooms.js';
import { plain, type RouteTable } from './route.js';

/** Whatever an address has room for: what is no slug is the link of no room, and that is not found. */
const bySlug = z.object({ slug: bounded('slug', 4_096) });
const ruling = { who: 'visitor', emits: true, params: bySlug, errors: ['FORBIDDEN', 'NOT_FOUND'] } as const;

/** Open rooms. */
export const roomRoutes = {
  'POST /api/rooms': {
    ...plain,
    summary: 'Open a room',
    who: 'account',
    emits: true,
    body: CreateRoom,
    answers: { 201: EnteredRoom },
    errors: ['CONFLICT', 'REFUSED'],
  },
  'GET /api/rooms/:slug': {
    ...plain,
    summary: 'A room; to those who have not entered its name and its rules only',
    who: 'known',
    params: bySlug,
    answers: { 200: Room },
    errors: ['NOT_FOUND'],
  },
  'POST /api/rooms/:slug/enter': {
    ...plain,
    summary: 'Enter a room; who has no account becomes its guest and gets a cookie for it',
    who: 'known',
    params: bySlug,
    body: EnterRoom,
    answers: { 200: EnteredRoom },
    errors: ['NOT_FOUND', 'REFUSED'],
  },
  'GET /api/rooms/:slug/here': {
    ...plain,
    summary: 'Who is in the room just now',
    who: 'visitor',
    params: bySlug,
    answers: { 200: z.array(RoomPerson) },
    errors: ['NOT_FOUND'],
  },
  'POST /api/rooms/:slug/leave': {
    ...plain,
    summary: 'Leave a room for good; a guest is nobody afterwards',
    who: 'visitor',
    params: bySlug,
    answers: { 200: Room },
    errors: ['NOT_FOUND'],
  },
  'POST /api/rooms/:slug/kick': {
    ...plain,
    ...ruling,
    summary: 'Send somebody out of the room',
    body: RoomTarget,
    answers: { 200: Room },
  },
  'POST /api/rooms/:slug/ban': {
    ...plain,
    ...ruling,
    summary: 'Send somebody out and keep them out',
    body: RoomTarget,
    answers: { 200: Room },
  },
  'PATCH /api/rooms/:slug': {
    ...plain,
    ...ruling,
    summary: 'Change the rules of a room',
    body: ChangeRoom,
    answers: { 200: Room },
  },
  'DELETE /api/rooms/:slug': {
    ...plain,
    ...ruling,
    summary: 'Delete a room for everybody and for good',
    answers: { 204: null },
    errors: ['FORBIDDEN', 'NOT_FOUND', 'REFUSED'],
  },
} as const satisfies RouteTable;
