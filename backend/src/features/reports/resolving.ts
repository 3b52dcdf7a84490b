import type { AdminPerson, Report, ReportAction } from '@sori/contract';
import type { Model, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { ReportRow } from './report.model.js';

export interface ResolvingDeps {
  rows: Model<ReportRow>;
  view: (found: readonly ReportRow[]) => Promise<Report[]>;
  adminPeople: (ids: readonly string[]) => Promise<Map<string, AdminPerson>>;
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
}

export interface ResolveReport {
  reportId: string;
  action: ReportAction;
}

/** What admins do about what was reported. */
export function createResolving(deps: ResolvingDeps) {
  const { rows, view, adminPeople, removeMessage, suspend, record } = deps;
  // Two admins at once: the second one finds it resolved.
  const inOrder = createSerializeByKey();

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

  /**
   * Does it, writes it down, and resolves every report that waits on the same thing. The same again: nothing more.
   * @throws AppError NOT_FOUND, CONFLICT where it was resolved otherwise, INVALID for what cannot be done about this one
   */
  return async function resolve(admin: Caller, { reportId, action }: ResolveReport): Promise<Report> {
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
  };
}
