import { BecomeAdmin, Login, Signup } from '@sori/contract';
import { Router } from 'express';
import { addressOf } from '../../http/address.js';
import { callerOf, requireCaller } from '../../http/require-caller.js';
import { clearSessionCookie, type CookieRule, setSessionCookie, tokenOf } from '../../http/session-cookie.js';
import type { Accounts } from './account.service.js';

/** `/auth/*` and `/me/admin`, for mounting under `/api`. */
export function accountRoutes(accounts: Accounts, config: CookieRule): Router {
  const router = Router();
  const signedIn = requireCaller((token) => accounts.authenticate(token));

  router.post('/auth/signup', async (request, response) => {
    const form = Signup.parse(request.body);
    const { person, token } = await accounts.signUp(form, addressOf(request, config.trustProxyHops));
    setSessionCookie(request, response, token, config);
    response.status(201).json(person);
  });

  router.post('/auth/login', async (request, response) => {
    const form = Login.parse(request.body);
    const { person, token } = await accounts.logIn(form, addressOf(request, config.trustProxyHops));
    setSessionCookie(request, response, token, config);
    response.json(person);
  });

  router.post('/auth/logout', async (request, response) => {
    await accounts.logOut(tokenOf(request.headers));
    clearSessionCookie(request, response, config);
    response.json({ message: 'You are signed out' });
  });

  router.get('/auth/me', signedIn, async (_request, response) => {
    response.json(await accounts.me(callerOf(response)));
  });

  router.get('/me/admin', signedIn, async (_request, response) => {
    response.json({ admin: await accounts.isAdmin(callerOf(response).userId) });
  });

  router.post('/me/admin', signedIn, async (request, response) => {
    const { code } = BecomeAdmin.parse(request.body);
    await accounts.becomeAdmin(callerOf(response), code);
    response.json({ admin: true });
  });

  return router;
}
