import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { limits } from '@sori/contract';
import type { Request } from 'express';
import { AppError } from '../../core/errors.js';
import { lengthOfBody } from '../../http/body.js';
import { bounded } from '../../http/bounded.js';
import type { RouteHandlers } from '../../http/routes.js';
import type { Pictures, WithPicture } from './picture.service.js';

/** A connection over which nothing comes for so long is lost, in milliseconds. */
const patienceMs = 60_000;

const tooLarge = (): AppError => new AppError('TOO_LARGE', 'The picture is too large');

/** The body in a file, for as long as it is looked at. */
const bodyOf =
  (request: Request): WithPicture =>
  async (work) => {
    if ((lengthOfBody(request) ?? 0) > limits.pictureMaxBytes) throw tooLarge();
    request.setTimeout(patienceMs);
    const folder = await mkdtemp(join(tmpdir(), 'sori-picture-'));
    try {
      const path = join(folder, 'picture');
      const bytes = bounded(request, limits.pictureMaxBytes, tooLarge);
      await pipeline(bytes, createWriteStream(path, { mode: 0o600 }));
      return await work(path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

export const pictureRoutes = (pictures: Pictures) =>
  ({
    'PUT /api/me/picture': ({ caller }, request) => pictures.choose(caller, bodyOf(request)),

    'DELETE /api/me/picture': ({ caller }) => pictures.remove(caller),

    'PUT /api/conversations/:id/picture': ({ caller, params }, request) =>
      pictures.chooseForGroup(caller, params.id, bodyOf(request)),

    'DELETE /api/conversations/:id/picture': ({ caller, params }) =>
      pictures.removeFromGroup(caller, params.id),

    // Open to all, as drawn avatars are: nobody guesses an address, and pictures are fetched without a token.
    async 'GET /api/pictures/:name'({ params }, _request, response) {
      const { type, bytes } = await pictures.read(params.name);
      response.set({
        'Content-Type': type,
        'Content-Length': String(bytes.length),
        'Cache-Control': 'public, max-age=31536000, immutable',
        'Content-Security-Policy': "default-src 'none'",
        'Cross-Origin-Resource-Policy': 'cross-origin',
      });
      response.end(bytes);
    },
  }) satisfies Partial<RouteHandlers>;
