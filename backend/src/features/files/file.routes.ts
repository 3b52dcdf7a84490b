import type { Request } from 'express';
import type { RouteHandlers } from '../../http/routes.js';
import type { FileDoors } from './file-doors.js';
import { incomingFile } from './incoming.js';

/** A connection over which nothing comes for so long is lost, in milliseconds: its place is needed. */
const patienceMs = 60_000;

/** Whoever stops sending does not keep a place. What is done with it once it is there may take its time. */
export function expectBytes(request: Request): void {
  request.setTimeout(patienceMs);
  request.once('end', () => request.setTimeout(0));
}

export const fileRoutes = ({ uploads, serve, mostBytes }: FileDoors) =>
  ({
    async 'POST /api/files'({ caller }, request) {
      expectBytes(request);
      const { wanted, leave, ...incoming } = await incomingFile(request, mostBytes);
      try {
        return await uploads.whole(caller, wanted, incoming);
      } catch (error) {
        leave();
        throw error;
      }
    },

    'GET /api/files/:id': ({ caller, params, query }, request, response) =>
      serve(caller, { ...query, id: params.id }, request, response),
  }) satisfies Partial<RouteHandlers>;
