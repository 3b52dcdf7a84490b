import { Id, PeopleByIds, PeopleQuery } from '@sori/contract';
import { Router } from 'express';
import { notFound } from '../../core/errors.js';
import { type Authenticate, callerOf, requireCaller } from '../../http/require-caller.js';
import { drawAvatar, readAvatar } from './avatar.js';
import type { People } from './people.service.js';

/** `/users` and `/avatars`, for mounting under `/api`. */
export function peopleRoutes(people: People, authenticate: Authenticate): Router {
  const router = Router();
  const signedIn = requireCaller(authenticate);

  router.get('/users', signedIn, async (request, response) => {
    const { ids } = PeopleByIds.parse(request.query);
    response.json(
      ids === undefined
        ? await people.search(callerOf(response), PeopleQuery.parse(request.query))
        : await people.among([...new Set(ids)], ''),
    );
  });

  router.get('/users/:id', signedIn, async (request, response) => {
    response.json(await people.get(Id.parse(request.params.id)));
  });

  // Open to all: it tells no more than its own address does, and pictures are fetched without a token.
  router.get('/avatars/:name.svg', (request, response) => {
    const avatar = readAvatar(request.params.name);
    if (avatar === null) throw notFound();
    response
      .set({
        'Cache-Control': 'public, max-age=31536000, immutable',
        'Content-Security-Policy': "default-src 'none'",
        'Cross-Origin-Resource-Policy': 'cross-origin',
      })
      .type('image/svg+xml')
      .send(drawAvatar(avatar));
  });

  return router;
}
