import type { AdminPerson, Message, OwnReport, Person, Report } from '@sori/contract';
import type { Types } from 'mongoose';
import type { ReportRow } from './report.model.js';

export interface ReportViewDeps {
  /** Messages as they now are, whoever may see them. */
  messages: (ids: readonly string[]) => Promise<Map<string, Message>>;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  adminPeople: (ids: readonly string[]) => Promise<Map<string, AdminPerson>>;
}

/** Reports as admins see them. */
export function createReportView({ messages, people, adminPeople }: ReportViewDeps) {
  return async function view(found: readonly ReportRow[]): Promise<Report[]> {
    const ids = (pick: (row: ReportRow) => Types.ObjectId | undefined): string[] =>
      found.flatMap((row) => pick(row)?.toHexString() ?? []);
    const [persons, subjects, reported] = await Promise.all([
      people([...ids((row) => row.reporterId), ...ids((row) => row.resolved?.adminId)]),
      adminPeople(ids((row) => row.userId)),
      messages(ids((row) => row.messageId)),
    ]);
    return found.flatMap((row): Report[] => {
      const reporter = persons.get(row.reporterId.toHexString());
      // Rows of people are never deleted.
      if (!reporter) return [];
      const person = subjects.get(row.userId.toHexString());
      const message = row.messageId && reported.get(row.messageId.toHexString());
      const by = row.resolved && persons.get(row.resolved.adminId.toHexString());
      return [
        {
          ...toOwn(row),
          reporter,
          ...(person ? { person } : {}),
          ...(message ? { message } : {}),
          ...(row.resolved && by
            ? { resolved: { action: row.resolved.action, at: row.resolved.at.toISOString(), by } }
            : {}),
        },
      ];
    });
  };
}

/** A report as who made it sees it. */
export const toOwn = (row: ReportRow): OwnReport => ({
  _id: row._id.toHexString(),
  ...(row.messageId ? { messageId: row.messageId.toHexString() } : {}),
  userId: row.userId.toHexString(),
  reason: row.reason,
  createdAt: row.createdAt.toISOString(),
});
