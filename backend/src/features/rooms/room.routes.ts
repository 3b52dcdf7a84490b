import { addressOf, placeOf } from '../../http/address.js';
import type { RouteHandlers } from '../../http/routes.js';
import {
  clearSessionCookie,
  type CookieRule,
  guestCookie,
  setSessionCookie,
} from '../../http/session-cookie.js';
import type { Rooms } from './room.service.js';

export const roomRoutes = (rooms: Rooms, config: CookieRule) =>
  ({
    'POST /api/rooms': ({ caller, body }) => rooms.create(caller, body),

    'GET /api/rooms/:slug': ({ caller, params }) => rooms.get(caller, params.slug),

    async 'POST /api/rooms/:slug/enter'({ caller, params, body }, request, response) {
      const visit = { caller, place: placeOf(request, config.trustProxyHops) };
      const { room, token } = await rooms.enter(visit, { ...body, slug: params.slug });
      if (token !== undefined) setSessionCookie(request, response, token, config, guestCookie);
      return room;
    },

    'GET /api/rooms/:slug/here': ({ caller, params }) => rooms.here(caller, params.slug),

    async 'POST /api/rooms/:slug/leave'({ caller, params }, request, response) {
      const address = addressOf(request, config.trustProxyHops);
      await rooms.leave(caller, { slug: params.slug, address });
      if (caller.guest) clearSessionCookie(request, response, config, guestCookie);
      return rooms.get(null, params.slug);
    },

    async 'POST /api/rooms/:slug/kick'({ caller, params, body }) {
      await rooms.kick(caller, { ...body, slug: params.slug });
      return rooms.get(caller, params.slug);
    },

    async 'POST /api/rooms/:slug/ban'({ caller, params, body }) {
      await rooms.ban(caller, { ...body, slug: params.slug });
      return rooms.get(caller, params.slug);
    },

    async 'PATCH /api/rooms/:slug'({ caller, params, body }) {
      await rooms.change(caller, { ...body, slug: params.slug });
      return rooms.get(caller, params.slug);
    },

    async 'DELETE /api/rooms/:slug'({ caller, params }) {
      await rooms.remove(caller, params.slug);
    },
  }) satisfies Partial<RouteHandlers>;
