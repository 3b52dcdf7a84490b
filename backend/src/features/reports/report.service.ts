import type { Message, OwnReport, Report, ReportAction, ReportBody, ReportsQuery } from '@sori/contract';
import { type Connection, mongo, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import { createReportView, type ReportViewDeps, toOwn } from './report-view.js';
import { type ReportRow, reportsOn } from './report.model.js';

export interface ReportsDeps extends ReportViewDeps {
  connection: Connection;
  /** A message as the caller may see it; throws NOT_FOUND. */
  messageFor: (caller: Caller, messageId: string) => Promise<Message>;
  /** Takes a message away for everybody; throws NOT_FOUND. Again is once. */
  removeMessage: (messageId: string) => Promise<void>;
  /** Throws NOT_FOUND, and REFUSED for an admin. Again is once. */
  suspend: (userId: string) => Promise<unknown>;
  /** Writes down what was done; the same act again, at a second try, is the first one's. */
  record: (
    admin: Caller,
    done: {
      action: ReportAction;
      userId: string;
      messageId?: string | undefined;
      reportId: string;
      once: string;
    },
  ) => Promise<{ adminId: Types.ObjectId; at: Date }>;
  /** Counts one report; throws RATE_LIMITED. */
  count: (userId: string) => Promise<void>;
  now: () => number;
}

export interface ResolveReport {
  reportId: string;
  action: ReportAction;
}

export type Reports = ReturnType<typeof createReports>;

/** What people report, and what admins make of it. */
export function createReports(deps: ReportsDeps) {
  const { connection, messageFor, people, adminPeople, removeMessage, suspend, record, count, now } = deps;
  const rows = reportsOn(connection);
  const view = createReportView(deps);
  // Two admins at once: the second one finds it resolved.
  const inOrder = createSerializeByKey();

  async function subjectOf(caller: Caller, { messageId, userId }: ReportBody) {
    if (messageId !== undefined) {
      const { senderId } = await messageFor(caller, messageId);
      return { target: `message:${messageId}`, userId: senderId, messageId };
    }
    if (userId === undefined || !(await people([userId])).has(userId)) throw notFound();
    return { target: `user:${userId}`, userId, messageId: undefined };
  }

  /** Names what waits on one thing: whichever of its reports an admin answers first, or after a try that broke off. */
  async function firstOpen(target: string): Promise<string> {
    const first = await rows.findOne({ target, open: true }, { _id: 1 }).sort({ _id: 1 }).lean();
    return first?._id.toHexString() ?? target;
  }

  async function carryOut(action: ReportAction, row: ReportRow): Promise<void> {
    if (action === 'delete') {
      if (!row.messageId) throw new AppError('INVALID', 'There is no message to delete in this report');
      await removeMessage(row.messageId.toHexString()).catch((error: unknown) => {
        // What an open room has swept meanwhile is as good as deleted.
        if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
      });
    }
    if (action === 'suspend') {
      const userId = row.userId.toHexString();
      if (!(await adminPeople([userId])).has(userId)) {
        throw new AppError('INVALID', 'A guest has no account that could be suspended');
      }
      await suspend(userId);
    }
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

    /**
     * Does it, writes it down, and resolves every report that waits on the same thing. The same again: nothing more.
     * @throws AppError NOT_FOUND, CONFLICT where it was resolved otherwise, INVALID for what cannot be done about this one
     */
    async resolve(admin: Caller, { reportId, action }: ResolveReport): Promise<Report> {
      const { target } = (await rows.findById(reportId, { target: 1 }).lean()) ?? {};
      if (target === undefined) throw notFound();
      await inOrder(target, async () => {
        const row = await rows.findById(reportId).lean();
        if (!row) throw notFound();
        if (row.resolved?.action === action) return;
        if (row.resolved) throw new AppError('CONFLICT', 'Another admin has resolved this report');
        await carryOut(action, row);
        const messageId = row.messageId?.toHexString();
        const { adminId, at } = await record(admin, {
          action,
          userId: row.userId.toHexString(),
          messageId,
          reportId,
          once: `${action} ${await firstOpen(target)}`,
        });
        const resolved = { action, at, adminId };
        await rows.updateMany({ target, open: true }, { $set: { open: false, resolved } });
      });
      const row = await rows.findById(reportId).lean();
      const [report] = row ? await view([row]) : [];
      if (!report) throw notFound();
      return report;
    },
  };
}
