import type { RouteHandlers } from '../../http/routes.js';
import type { Accounts } from '../accounts/account.service.js';
import type { Reports } from '../reports/report.service.js';
import type { Admin } from './admin.service.js';

export interface AdminRoutesDeps {
  admin: Admin;
  accounts: Pick<Accounts, 'adminPerson' | 'suspended'>;
  reports: Reports;
}

export const adminRoutes = ({ admin, accounts, reports }: AdminRoutesDeps) =>
  ({
    async 'GET /api/admin/reports'({ query }, _request, response) {
      const { reports: page, next } = await reports.list(query);
      if (next !== null) {
        const address = `/api/admin/reports?state=${query.state}&limit=${query.limit}&after=${next}`;
        response.setHeader('Link', `<${address}>; rel="next"`);
      }
      return page;
    },

    'POST /api/admin/reports/:id/resolve': ({ caller, params, body }) =>
      reports.resolve(caller, { ...body, reportId: params.id }),

    'GET /api/admin/users/:id': ({ params }) => accounts.adminPerson(params.id),

    'POST /api/admin/users/:id/suspension': ({ caller, params }) => admin.suspend(caller, params.id),

    'DELETE /api/admin/users/:id/suspension': ({ caller, params }) => admin.unsuspend(caller, params.id),

    async 'GET /api/admin/suspensions'({ query }, _request, response) {
      const { people, next } = await accounts.suspended(query);
      if (next !== null) {
        response.setHeader('Link', `</api/admin/suspensions?limit=${query.limit}&after=${next}>; rel="next"`);
      }
      return people;
    },

    async 'GET /api/admin/audit'({ query }, _request, response) {
      const { entries, next } = await admin.audit(query);
      if (next !== null) {
        response.setHeader('Link', `</api/admin/audit?limit=${query.limit}&before=${next}>; rel="next"`);
      }
      return entries;
    },
  }) satisfies Partial<RouteHandlers>;
