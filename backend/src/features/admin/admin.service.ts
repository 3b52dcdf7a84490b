import type { AdminPerson, AuditEntry, AuditQuery, Person } from '@sori/contract';
import { type Connection, mongo, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { auditOn, type AuditRow } from './audit.model.js';

export interface AdminDeps {
  connection: Connection;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  /** All throw NOT_FOUND, and the second REFUSED for an admin. Again is once. */
  find: (userId: string) => Promise<AdminPerson>;
  suspend: (userId: string) => Promise<AdminPerson>;
  unsuspend: (userId: string) => Promise<AdminPerson>;
  now: () => number;
}

/** What an admin did, and to whom. */
export interface Done extends Pick<AuditEntry, 'action' | 'messageId' | 'reportId'> {
  userId: string;
  /** What names this act and no other one: tried again, it is not written down again. */
  once: string;
}

/** Who did it, and when: at a second try, who did the first one. */
export type Recorded = Pick<AuditRow, 'adminId' | 'at'>;

export type Admin = ReturnType<typeof createAdmin>;

/** What admins do to people, and the trail that it leaves. That the caller is an admin was seen to at the door. */
export function createAdmin({ connection, people, find, suspend, unsuspend, now }: AdminDeps) {
  const rows = auditOn(connection);

  /** Of an act that is tried again, because the first try broke off somewhere, the trail has one row. */
  async function record(
    { userId: adminId }: Pick<Caller, 'userId'>,
    { userId, messageId, reportId, action, once }: Done,
  ): Promise<Recorded> {
    const row: Omit<AuditRow, 'once'> = {
      _id: new Types.ObjectId(),
      at: new Date(now()),
      action,
      adminId: new Types.ObjectId(adminId),
      userId: new Types.ObjectId(userId),
      ...(messageId === undefined ? {} : { messageId: new Types.ObjectId(messageId) }),
      ...(reportId === undefined ? {} : { reportId: new Types.ObjectId(reportId) }),
    };
    const options = { upsert: true, returnDocument: 'after' } as const;
    const store = () => rows.findOneAndUpdate({ once }, { $setOnInsert: row }, options).lean();
    return store().catch((error: unknown) => {
      // Two at once; now it is there.
      if (!(error instanceof mongo.MongoServerError && error.code === 11_000)) throw error;
      return store();
    });
  }

  return {
    record,

    async suspend(caller: Caller, userId: string): Promise<AdminPerson> {
      const person = await suspend(userId);
      const once = `suspend ${userId} ${person.suspendedAt ?? ''}`;
      await record(caller, { action: 'suspend', userId, once });
      return person;
    },

    async unsuspend(caller: Caller, userId: string): Promise<AdminPerson> {
      const { suspendedAt } = await find(userId);
      // Before it is done: afterwards nothing would say which suspension it was, and whether that stands here already.
      if (suspendedAt !== null) {
        const once = `unsuspend ${userId} ${suspendedAt}`;
        await record(caller, { action: 'unsuspend', userId, once });
      }
      return unsuspend(userId);
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
