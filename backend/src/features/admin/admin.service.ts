import type { AdminPerson, AuditEntry, AuditQuery, Person } from '@sori/contract';
import { type Connection, type mongo, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { auditOn, type AuditRow } from './audit.model.js';

export interface AdminDeps {
  connection: Connection;
  writeConcern: mongo.WriteConcernSettings;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  /** Both throw NOT_FOUND, and the first REFUSED for an admin. Again is once. */
  suspend: (userId: string) => Promise<AdminPerson>;
  unsuspend: (userId: string) => Promise<AdminPerson>;
  now: () => number;
}

/** What an admin did, and to whom. */
export interface Done extends Pick<AuditEntry, 'action' | 'messageId' | 'reportId'> {
  userId: string;
}

export type Admin = ReturnType<typeof createAdmin>;

/** What admins do to people, and the trail that it leaves. That the caller is an admin was seen to at the door. */
export function createAdmin({ connection, writeConcern, people, suspend, unsuspend, now }: AdminDeps) {
  const rows = auditOn(connection);

  /** After it was done: what failed and is tried again stands there once. */
  async function record({ userId: adminId }: Caller, { userId, messageId, reportId, action }: Done) {
    const row: AuditRow = {
      _id: new Types.ObjectId(),
      at: new Date(now()),
      action,
      adminId: new Types.ObjectId(adminId),
      userId: new Types.ObjectId(userId),
      ...(messageId === undefined ? {} : { messageId: new Types.ObjectId(messageId) }),
      ...(reportId === undefined ? {} : { reportId: new Types.ObjectId(reportId) }),
    };
    await rows.collection.insertOne(row, { writeConcern });
  }

  return {
    record,

    async suspend(caller: Caller, userId: string): Promise<AdminPerson> {
      const person = await suspend(userId);
      await record(caller, { action: 'suspend', userId });
      return person;
    },

    async unsuspend(caller: Caller, userId: string): Promise<AdminPerson> {
      const person = await unsuspend(userId);
      await record(caller, { action: 'unsuspend', userId });
      return person;
    },

    /** The newest first. @returns `next`: the `before` of the next page, null on the last one */
    async audit({ limit, before }: AuditQuery): Promise<{ entries: AuditEntry[]; next: string | null }> {
      const found = await rows
        .find(before === undefined ? {} : { _id: { $lt: before } })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean();
      const page = found.slice(0, limit);
      const ids = page.flatMap(({ adminId, userId }) => [adminId.toHexString(), userId.toHexString()]);
      const persons = await people(ids);
      return {
        entries: page.flatMap((row) => toEntry(row, persons) ?? []),
        next: found.length > limit ? (page.at(-1)?._id.toHexString() ?? null) : null,
      };
    },
  };
}

function toEntry(row: AuditRow, persons: ReadonlyMap<string, Person>): AuditEntry | undefined {
  const [admin, person] = [persons.get(row.adminId.toHexString()), persons.get(row.userId.toHexString())];
  // Rows of people are never deleted.
  if (!admin) return undefined;
  return {
    _id: row._id.toHexString(),
    at: row.at.toISOString(),
    action: row.action,
    admin,
    ...(person ? { person } : {}),
    ...(row.messageId ? { messageId: row.messageId.toHexString() } : {}),
    ...(row.reportId ? { reportId: row.reportId.toHexString() } : {}),
  };
}
