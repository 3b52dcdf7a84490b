import type { Message, OwnReport, Report, ReportBody, ReportsQuery } from '@sori/contract';
import { type Connection, mongo, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { createResolving, type ResolvingDeps } from './resolving.js';
import { createReportView, type ReportViewDeps, toOwn } from './report-view.js';
import { reportsOn } from './report.model.js';

export interface ReportsDeps extends ReportViewDeps, Omit<ResolvingDeps, 'rows' | 'view'> {
  connection: Connection;
  /** A message as the caller may see it; throws NOT_FOUND. */
  messageFor: (caller: Caller, messageId: string) => Promise<Message>;
  /** Counts one report; throws RATE_LIMITED. */
  count: (userId: string) => Promise<void>;
  now: () => number;
}

const targetOf = (messageId: string): string => `message:${messageId}`;

export type Reports = ReturnType<typeof createReports>;

/** What people report, and what admins make of it. */
export function createReports(deps: ReportsDeps) {
  const { connection, messageFor, people, count, now } = deps;
  const rows = reportsOn(connection);
  const view = createReportView(deps);

  async function subjectOf(caller: Caller, { messageId, userId }: ReportBody) {
    if (messageId !== undefined) {
      const { senderId } = await messageFor(caller, messageId);
      return { target: targetOf(messageId), userId: senderId, messageId };
    }
    if (userId === undefined || !(await people([userId])).has(userId)) throw notFound();
    return { target: `user:${userId}`, userId, messageId: undefined };
  }

  return {
    /**
     * The same thing again, while it waits: the first report.
     * @throws AppError NOT_FOUND for what the caller cannot see, INVALID for themselves, RATE_LIMITED
     */
    async report(caller: Caller, body: ReportBody): Promise<OwnReport> {
      await count(caller.userId);
      const { target, userId, messageId } = await subjectOf(caller, body);
      if (userId === caller.userId) throw new AppError('INVALID', 'Nobody can report themselves');
      const reporterId = new Types.ObjectId(caller.userId);
      const fresh = {
        userId: new Types.ObjectId(userId),
        ...(messageId === undefined ? {} : { messageId: new Types.ObjectId(messageId) }),
        reason: body.reason,
        createdAt: new Date(now()),
      };
      const options = { upsert: true, returnDocument: 'after' } as const;
      const store = () =>
        rows.findOneAndUpdate({ reporterId, target, open: true }, { $setOnInsert: fresh }, options).lean();
      const row = await store().catch((error: unknown) => {
        // Two of their devices at once; now it is there.
        if (!(error instanceof mongo.MongoServerError && error.code === 11_000)) throw error;
        return store();
      });
      return toOwn(row);
    },

    /** @returns `next`: the `after` of the next page, null on the last one */
    async list({ state, limit, after }: ReportsQuery): Promise<{ reports: Report[]; next: string | null }> {
      const isOpen = state === 'open';
      const found = await rows
        .find({
          open: isOpen,
          ...(after === undefined ? {} : { _id: isOpen ? { $gt: after } : { $lt: after } }),
        })
        .sort({ _id: isOpen ? 1 : -1 })
        .limit(limit + 1)
        .lean();
      const page = found.slice(0, limit);
      const next = found.length > limit ? (page.at(-1)?._id.toHexString() ?? null) : null;
      return { reports: await view(page), next };
    },

    /** Whether a report of this message waits for an admin. */
    isOpen: async (messageId: string): Promise<boolean> =>
      (await rows.exists({ target: targetOf(messageId), open: true })) !== null,

    resolve: createResolving({ ...deps, rows, view }),
  };
}
