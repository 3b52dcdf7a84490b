import { anything, type Http, listOf } from '@sori/client';
import { AdminPerson, AuditEntry, Report, type Id, type ReportAction, type ReportBody } from '@sori/contract';

const Reports = listOf(Report);
const AdminPeople = listOf(AdminPerson);
const Audit = listOf(AuditEntry);

/** The calls about reports, and what admins do with them. */
export const adminCalls = (http: Http) => ({
  report: async (report: ReportBody): Promise<void> => {
    await http({ method: 'POST', path: '/api/reports', body: report, answer: anything });
  },

  becomeAdmin: async (code: string): Promise<void> => {
    await http({ method: 'POST', path: '/api/me/admin', body: { code }, answer: anything });
  },

  /** Those that wait, the oldest first. This and the rest is for admins; for others it does not exist. */
  reports: async (page: { limit: number; after?: Id | undefined }, signal?: AbortSignal): Promise<Report[]> =>
    (await http({ path: '/api/admin/reports', query: page, answer: Reports, signal })).data,

  resolveReport: async (id: Id, action: ReportAction): Promise<void> => {
    await http({
      method: 'POST',
      path: `/api/admin/reports/${id}/resolve`,
      body: { action },
      answer: anything,
    });
  },

  suspended: async (
    page: { limit: number; after?: Id | undefined },
    signal?: AbortSignal,
  ): Promise<AdminPerson[]> =>
    (await http({ path: '/api/admin/suspensions', query: page, answer: AdminPeople, signal })).data,

  liftSuspension: async (userId: Id): Promise<void> => {
    await http({ method: 'DELETE', path: `/api/admin/users/${userId}/suspension`, answer: anything });
  },

  audit: async (
    page: { limit: number; before?: Id | undefined },
    signal?: AbortSignal,
  ): Promise<AuditEntry[]> =>
    (await http({ path: '/api/admin/audit', query: page, answer: Audit, signal })).data,
});
