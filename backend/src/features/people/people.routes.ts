import { notFound } from '../../core/errors.js';
import type { RouteHandlers } from '../../http/routes.js';
import { drawAvatar, readAvatar } from './avatar.js';
import type { People } from './people.service.js';

export const peopleRoutes = (people: People) =>
  ({
    'GET /api/users': ({ caller, query: { ids, ...query } }) =>
      ids === undefined ? people.search(caller, query) : people.among([...new Set(ids)], ''),

    'GET /api/users/:id': ({ params }) => people.get(params.id),

    // Open to all: it reveals no more than its own address does, and pictures are fetched without a token.
    'GET /api/avatars/:name.svg'({ params }, _request, response) {
      const avatar = readAvatar(params.name);
      if (avatar === null) throw notFound();
      response.set({
        'Cache-Control': 'public, max-age=31536000, immutable',
        'Content-Security-Policy': "default-src 'none'",
        'Cross-Origin-Resource-Policy': 'cross-origin',
      });
      return drawAvatar(avatar);
    },
  }) satisfies Partial<RouteHandlers>;
