import * as z from 'zod/mini';
import { plain, prometheusText, type RouteTable } from './route.js';

const ok = z.object({ ok: z.boolean() });

/** The server itself. */
export const serverRoutes = {
  'GET /healthz': {
    ...plain,
    summary: 'Whether the process is alive',
    who: 'anyone',
    answers: { 200: ok },
  },
  'GET /readyz': {
    ...plain,
    summary: 'Whether the database answers and nothing is being stopped',
    who: 'anyone',
    // What is away that the server can do without.
    answers: { 200: z.extend(ok, { degraded: z.optional(z.array(z.enum(['redis']))) }) },
  },
  'GET /metrics': {
    ...plain,
    summary:
      'What the server did and how it is, for whoever has METRICS_TOKEN; to all others it is not there',
    who: 'anyone',
    answers: { 200: z.string() },
    errors: ['NOT_FOUND'],
    type: prometheusText,
  },
  'GET /api/lab': {
    ...plain,
    summary: 'Whether the page may show its tools that break the connection',
    who: 'anyone',
    answers: { 200: z.object({ lab: z.boolean() }) },
  },
} as const satisfies RouteTable;
