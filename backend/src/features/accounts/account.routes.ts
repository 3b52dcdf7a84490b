import { addressOf } from '../../http/address.js';
import type { RouteHandlers } from '../../http/routes.js';
import { clearSessionCookie, type CookieRule, setSessionCookie, tokenOf } from '../../http/session-cookie.js';
import type { Accounts } from './account.service.js';

export const accountRoutes = (accounts: Accounts, config: CookieRule) =>
  ({
    async 'POST /api/auth/signup'({ body }, request, response) {
      const { person, token } = await accounts.signUp(body, addressOf(request, config.trustProxyHops));
      setSessionCookie(request, response, token, config);
      return person;
    },

    async 'POST /api/auth/login'({ body }, request, response) {
      const { person, token } = await accounts.logIn(body, addressOf(request, config.trustProxyHops));
      setSessionCookie(request, response, token, config);
      return person;
    },

    async 'POST /api/auth/logout'(_asked, request, response) {
      await accounts.logOut(tokenOf(request.headers));
      clearSessionCookie(request, response, config);
      return { message: 'You are signed out' };
    },

    'GET /api/auth/me': ({ caller }) => accounts.me(caller),

    'GET /api/me/admin': async ({ caller }) => ({ admin: await accounts.isAdmin(caller.userId) }),

    async 'POST /api/me/admin'({ caller, body }) {
      await accounts.becomeAdmin(caller, body.code);
      return { admin: true };
    },
  }) satisfies Partial<RouteHandlers>;
