import * as z from 'zod/mini';
import { FileQuery, SharedPage, SharedQuery, UploadedFile } from '../files.js';
import { Id } from '../primitives.js';
import { plain, type RouteTable } from './route.js';

const oneId = z.object({ id: Id });
const received = {
  ...plain,
  who: 'visitor',
  takes: 'bytes',
  errors: ['NOT_FOUND', 'CONFLICT', 'REFUSED', 'UNSUPPORTED', 'STORAGE_FULL'],
} as const;

/** Uploading, reading and listing files. The uploads are in the form of tus 1.0. */
export const fileRoutes = {
  'POST /api/files': {
    ...received,
    summary: 'Upload a file at once, as a form or as it is',
    answers: { 201: UploadedFile },
  },
  'POST /api/uploads': {
    ...received,
    summary: 'Begin an upload (tus)',
    type: 'bytes',
    answers: { 201: null },
  },
  'HEAD /api/uploads/:id': {
    ...received,
    summary: 'Ask where an upload goes on, and what has become of a whole one (tus)',
    params: oneId,
    type: 'bytes',
    answers: { 200: null },
  },
  'PATCH /api/uploads/:id': {
    ...received,
    summary: 'Go on with an upload (tus)',
    params: oneId,
    type: 'bytes',
    answers: { 204: null },
  },
  'DELETE /api/uploads/:id': {
    ...received,
    summary: 'Give an upload up (tus)',
    params: oneId,
    type: 'bytes',
    answers: { 204: null },
  },
  'GET /api/files/:id': {
    ...plain,
    summary: 'A file, a part of it, or a smaller copy of a picture',
    // Not to be told from what is not there, neither for whoever is signed out.
    who: 'known',
    params: oneId,
    query: FileQuery,
    type: 'bytes',
    answers: { 200: null },
    errors: ['NOT_FOUND'],
  },
  'GET /api/conversations/:id/files': {
    ...plain,
    summary: 'What was sent in a conversation: pictures, files, voice messages or links, newest first',
    who: 'visitor',
    params: oneId,
    query: SharedQuery,
    answers: { 200: SharedPage },
    errors: ['NOT_FOUND'],
  },
} as const satisfies RouteTable;
