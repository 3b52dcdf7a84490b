import { Schema, Types } from 'mongoose';
import type { Store } from '../../database/connect.js';
import { deleteByTurns } from '../../database/delete-in-batches.js';

/** One log-in of one person. Ids are 24 hexadecimal digits. */
export interface SessionRow {
  _id: string;
  userId: string;
  expiresAt: Date;
}

interface SessionDocument {
  _id: Types.ObjectId;
  userId: Types.ObjectId;
  createdAt: Date;
  expiresAt: Date;
}

const removedAtOnce = 1_000;

export type SessionRows = ReturnType<typeof sessionsOn>;

/** Acknowledged writes are durable: the connection carries the store's write concern. */
export function sessionsOn({ connection }: Pick<Store, 'connection'>) {
  const schema = new Schema<SessionDocument>(
    {
      userId: { type: Schema.Types.ObjectId, required: true },
      createdAt: { type: Date, required: true },
      expiresAt: { type: Date, required: true },
    },
    { collection: 'sessions', versionKey: false, autoIndex: false, autoCreate: false },
  );
  const sessions = connection.model<SessionDocument>('Session', schema);

  return {
    async insert({
      userId,
      now,
      expiresAt,
    }: {
      userId: string;
      now: Date;
      expiresAt: Date;
    }): Promise<SessionRow> {
      const _id = new Types.ObjectId();
      await sessions.create({ _id, userId: new Types.ObjectId(userId), createdAt: now, expiresAt });
      return { _id: _id.toHexString(), userId, expiresAt };
    },

    /** Those of these that live; not one that expired and was not swept yet. */
    async live(ids: readonly string[], now: Date): Promise<SessionRow[]> {
      const found = await sessions
        .find({ _id: { $in: ids }, expiresAt: { $gt: now } }, { userId: 1, expiresAt: 1 })
        .lean();
      return found.map(({ _id, userId, expiresAt }) => ({
        _id: _id.toHexString(),
        userId: userId.toHexString(),
        expiresAt,
      }));
    },

    async remove(id: string): Promise<void> {
      await sessions.deleteOne({ _id: id });
    },

    /** @returns those that were removed */
    async removeAllOf(userId: string): Promise<string[]> {
      const found = await sessions.find({ userId }, { _id: 1 }).lean();
      await sessions.deleteMany({ userId });
      return found.map(({ _id }) => _id.toHexString());
    },

    /**
     * Removes all of a person's but the newest, and keeps this one in any case.
     * @returns those that were removed
     */
    async removeOldest(userId: string, keptId: string, most: number): Promise<string[]> {
      const removed: string[] = [];
      for (;;) {
        // By turns, since somebody may have very many from a time without this bound.
        const found = await sessions
          .find({ userId, _id: { $ne: keptId } }, { _id: 1 })
          .sort({ createdAt: -1, _id: -1 })
          .skip(most - 1)
          .limit(removedAtOnce)
          .lean();
        if (found.length === 0) return removed;
        await sessions.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } });
        removed.push(...found.map(({ _id }) => _id.toHexString()));
      }
    },

    /** @returns how many were removed */
    async removeExpired(now: Date): Promise<number> {
      return deleteByTurns(sessions, { expiresAt: { $lte: now } });
    },
  };
}
