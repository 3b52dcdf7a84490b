import * as z from 'zod/mini';
import { bounded } from './bounded.js';
import { limits } from './limits.js';
import { Message } from './messages.js';
import { Person } from './people.js';
import { Id, queryLimit, Time } from './primitives.js';
import { codePoints, isStorable } from './text.js';

/** The body of `POST /api/reports`: one message, or one person. */
export const ReportBody = z
  .object({
    messageId: z.optional(Id),
    userId: z.optional(Id),
    reason: bounded('reason', limits.reasonMax).check(
      z.trim(),
      z.minLength(1, 'Say why'),
      z.refine(isStorable, 'The reason contains characters that cannot be stored'),
      z.refine((reason) => codePoints(reason) <= limits.reasonMax, {
        error: `A reason has at most ${limits.reasonMax} characters`,
      }),
    ),
  })
  .check(
    z.refine(
      ({ messageId, userId }) => (messageId === undefined) !== (userId === undefined),
      'Either messageId or userId says what is reported',
    ),
  );
export type ReportBody = z.infer<typeof ReportBody>;

/** What its reporter is answered. */
export const OwnReport = z.object({
  _id: Id,
  messageId: z.optional(Id),
  /** Who is reported; of a message, who wrote it. */
  userId: Id,
  reason: z.string(),
  createdAt: Time,
});
export type OwnReport = z.infer<typeof OwnReport>;

/**
 * What an admin makes of a report. `delete`: the reported message goes, for everybody; `suspend`: who is reported cannot
 * sign in any more; `dismiss`: nothing.
 */
export const ReportAction = z.enum(['dismiss', 'delete', 'suspend'], {
  error: 'action is dismiss, delete or suspend',
});
export type ReportAction = z.infer<typeof ReportAction>;
/** The body of `POST /api/admin/reports/:id/resolve`. */
export const ResolveBody = z.object({ action: ReportAction });

/** A person as an admin sees them. */
export const AdminPerson = z.extend(Person, { admin: z.boolean(), suspendedAt: z.nullable(Time) });
export type AdminPerson = z.infer<typeof AdminPerson>;

/** A report as an admin sees it. */
export const Report = z.extend(OwnReport, {
  reporter: Person,
  /** Absent for a guest, who is in no list of people: then the message has a `senderName`. */
  person: z.optional(AdminPerson),
  /** As it now is: what its writer deleted is gone for admins too. Absent where a person was reported. */
  message: z.optional(Message),
  resolved: z.optional(z.object({ action: ReportAction, at: Time, by: Person })),
});
export type Report = z.infer<typeof Report>;

/**
 * The query of `GET /api/admin/reports`: those that wait, the oldest first; or those that were resolved, the newest
 * first. `after` is the last `_id` of the page before; `Link` has it too.
 */
export const ReportsQuery = z.object({
  state: z._default(z.enum(['open', 'resolved'], { error: 'state is open or resolved' }), 'open'),
  limit: queryLimit(limits.pageDefault, limits.pageMax),
  after: z.optional(Id),
});
export type ReportsQuery = z.infer<typeof ReportsQuery>;

/** The query of `GET /api/admin/suspensions`: AdminPerson[], by id; `after` is the last `_id` of the page before. */
export const SuspensionsQuery = z.object({
  limit: queryLimit(limits.pageDefault, limits.pageMax),
  after: z.optional(Id),
});
export type SuspensionsQuery = z.infer<typeof SuspensionsQuery>;

/** One thing that an admin did. No text of anybody's is in it. */
export const AuditEntry = z.object({
  _id: Id,
  at: Time,
  action: z.enum(['dismiss', 'delete', 'suspend', 'unsuspend', 'deleteRoom']),
  admin: Person,
  /** To whom, or whose room; absent for a guest. */
  person: z.optional(Person),
  messageId: z.optional(Id),
  reportId: z.optional(Id),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** The query of `GET /api/admin/audit`: the newest first; `before` is the last `_id` of the page before. */
export const AuditQuery = z.object({
  limit: queryLimit(limits.pageDefault, limits.pageMax),
  before: z.optional(Id),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** `GET /api/me/admin`: whether the page may show what only admins can do. */
export const AdminState = z.object({ admin: z.boolean() });
export type AdminState = z.infer<typeof AdminState>;
