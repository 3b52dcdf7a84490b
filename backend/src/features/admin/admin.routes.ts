import { AuditQuery, Id, ReportsQuery, ResolveBody, SuspensionsQuery } from '@sori/contract';
import { type RequestHandler, Router } from 'express';
import { notFound } from '../../core/errors.js';
import { callerOf, letThrough } from '../../http/require-caller.js';
import { tokenOf } from '../../http/session-cookie.js';
import type { Accounts } from '../accounts/account.service.js';
import type { Reports } from '../reports/report.service.js';
import type { Admin } from './admin.service.js';

export interface AdminRoutesDeps {
  admin: Admin;
  accounts: Pick<Accounts, 'authenticate' | 'isAdmin' | 'adminPerson' | 'suspended'>;
  reports: Reports;
}

/** Under `/api/admin`: to everybody but admins it is not there, signed in or not. */
export function adminRoutes({ admin, accounts, reports }: AdminRoutesDeps): Router {
  const router = Router();

  const onlyAdmins: RequestHandler = async (request, response, next) => {
    const token = tokenOf(request.headers);
    const caller = token === undefined ? null : await accounts.authenticate(token);
    if (caller === null) throw notFound();
    // Who may not is counted as well: being refused costs a look, too.
    await letThrough(response, caller);
    if (!(await accounts.isAdmin(caller.userId))) throw notFound();
    next();
  };
  router.use(onlyAdmins);

  router.get('/reports', async (request, response) => {
    const query = ReportsQuery.parse(request.query);
    const { reports: page, next } = await reports.list(query);
    if (next !== null) {
      const address = `/api/admin/reports?state=${query.state}&limit=${query.limit}&after=${next}`;
      response.setHeader('Link', `<${address}>; rel="next"`);
    }
    response.json(page);
  });

  router.post('/reports/:id/resolve', async (request, response) => {
    const id = Id.parse(request.params.id);
    const { action } = ResolveBody.parse(request.body);
    response.json(await reports.resolve(callerOf(response), id, action));
  });

  router.get('/users/:id', async (request, response) => {
    response.json(await accounts.adminPerson(Id.parse(request.params.id)));
  });

  router.post('/users/:id/suspension', async (request, response) => {
    response.json(await admin.suspend(callerOf(response), Id.parse(request.params.id)));
  });

  router.delete('/users/:id/suspension', async (request, response) => {
    response.json(await admin.unsuspend(callerOf(response), Id.parse(request.params.id)));
  });

  router.get('/suspensions', async (request, response) => {
    const query = SuspensionsQuery.parse(request.query);
    const { people, next } = await accounts.suspended(query);
    if (next !== null) {
      response.setHeader('Link', `</api/admin/suspensions?limit=${query.limit}&after=${next}>; rel="next"`);
    }
    response.json(people);
  });

  router.get('/audit', async (request, response) => {
    const query = AuditQuery.parse(request.query);
    const { entries, next } = await admin.audit(query);
    if (next !== null) {
      response.setHeader('Link', `</api/admin/audit?limit=${query.limit}&before=${next}>; rel="next"`);
    }
    response.json(entries);
  });

  return router;
}
