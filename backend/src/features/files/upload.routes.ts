import type { Request, Response } from 'express';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import { lengthOfBody } from '../../http/body.js';
import type { RouteHandlers } from '../../http/routes.js';
import { expectBytes } from './file.routes.js';
import type { FileRow } from './file.model.js';
import type { FileDoors } from './file-doors.js';
import { uploadSizeOf } from './uploads.js';
import { metadataIn, metadataOf, partType, requireNumber } from './tus-protocol.js';

/** tus 1.0: an upload that goes on after whatever stopped it, at any server. */
export const uploadRoutes = ({ uploads }: Pick<FileDoors, 'uploads'>) => {
  /** Takes in what the request brings, from this offset on. @returns how many bytes are there then */
  function goOn(caller: Caller, id: string, offset: number, request: Request): Promise<number> {
    if (request.get('content-type') !== partType)
      throw new AppError('UNSUPPORTED', `A part of an upload must be ${partType}`);
    expectBytes(request);
    return uploads.goOn(caller, id, { offset, brings: lengthOfBody(request), stream: request });
  }

  return {
    async 'POST /api/uploads'({ caller }, request, response) {
      const size = requireNumber(request, 'Upload-Length');
      const { filename = '', filetype = '', duration, peaks } = metadataIn(request);
      const wanted = { name: filename, declaredType: filetype, size, duration, peaks };
      const id = (await uploads.begin(caller, wanted))._id.toHexString();
      // What comes along, too, is taken. Nothing at all is a file without a byte.
      const brings = lengthOfBody(request) !== 0;
      const offset = brings || size === 0 ? await goOnFrom(caller, id, request, brings) : 0;
      response.setHeader('Location', `/api/uploads/${id}`);
      response.setHeader('Upload-Offset', offset);
      response.status(201).end();
    },

    async 'HEAD /api/uploads/:id'({ caller, params }, _request, response) {
      const { row, offset } = await uploads.progress(caller, params.id);
      response.setHeader('Upload-Offset', offset);
      response.setHeader('Upload-Length', uploadSizeOf(row));
      response.setHeader('Upload-Metadata', metadataOf(row));
      tellState(row, response);
      response.status(200).end();
    },

    async 'PATCH /api/uploads/:id'({ caller, params }, request, response) {
      const offset = requireNumber(request, 'Upload-Offset');
      response.setHeader('Upload-Offset', await goOn(caller, params.id, offset, request));
      response.status(204).end();
    },

    async 'DELETE /api/uploads/:id'({ caller, params }, _request, response) {
      await uploads.remove(caller, params.id);
      response.status(204).end();
    },
  } satisfies Partial<RouteHandlers>;

  function goOnFrom(caller: Caller, id: string, request: Request, brings: boolean): Promise<number> {
    if (brings) return goOn(caller, id, 0, request);
    return uploads.goOn(caller, id, { offset: 0, brings: 0, stream: request });
  }
};

/** What has become of a whole one. */
function tellState({ state, code, mayTellPlace }: FileRow, response: Response): void {
  if (state === 'receiving') return;
  response.setHeader('Sori-File-State', state);
  if (state === 'refused') response.setHeader('Sori-File-Code', code ?? 'INTERNAL');
  if (mayTellPlace === true) response.setHeader('Sori-File-Notice', 'may-tell-place');
}
