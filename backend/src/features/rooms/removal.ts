import { type Connection, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import { deleteByTurns, type TurnsOptions } from '../../database/delete-in-batches.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import { entryIndexes } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Clock } from '../../realtime/clock.js';
import type { Emitter } from '../../realtime/emitter.js';
import type { Arrivals } from './arrivals.js';
import type { Guests } from './guests.js';
import { lobbySlug, nobody } from './room-id.js';
import type { RoomRow } from './room-rows.js';
import { roomRowsOn } from './rooms.model.js';

export interface RemovalDeps {
  log: Pick<ConversationLog, 'append' | 'heads' | 'upkeep'>;
  /** Without a time-out, for sweeping. */
  upkeep: Connection;
  conversations: {
    /** Nobody is in the room any more. @returns who was; throws NOT_FOUND */
    dissolve: (conversationId: string, by: string, sweepAt: Date) => Promise<string[]>;
    /** Takes away what is kept of everybody who was in it. */
    forgetMembers: (conversationId: string, options: TurnsOptions) => Promise<number>;
  };
  /** Throws NOT_FOUND. */
  roomOf: (slug: string) => Promise<RoomRow>;
  isAdmin: (userId: string) => Promise<boolean>;
  /** Puts into the audit trail that an administrator deleted this person's room. Twice is once. */
  recordRemoval: (caller: Pick<Caller, 'userId'>, room: { _id: string; ownerId: string }) => Promise<unknown>;
  guests: Pick<Guests, 'endAmong' | 'endRoom'>;
  arrivals: Pick<Arrivals, 'dissolved'>;
  /** Throws RATE_LIMITED. */
  count: (userId: string) => Promise<void>;
  emit: Pick<Emitter, 'toPeople' | 'endSession'>;
  clock: Pick<Clock, 'now' | 'after'>;
  report: (error: unknown) => void;
}

/** Whoever was reading or writing there when it was deleted has had an answer by then. */
export const sweptAfterMs = 10_000;
const emittedAtOnce = 1_000;
/** When one is tried again that could not be swept. */
const againAfterMs = 60_000;

/** Rooms that are deleted: at once for everybody, and then, by turns, in the database. */
export function createRemoval(deps: RemovalDeps) {
  const { log, conversations, roomOf, isAdmin, recordRemoval, guests, arrivals } = deps;
  const { count, emit, clock, report } = deps;
  const { entries, conversations: rows } = log.upkeep;
  const tables = roomRowsOn(deps.upkeep);
  let sweeping: Promise<number> | undefined;
  let cancelNext: (() => void) | undefined;
  let stopped = false;
  const goesOn = (): boolean => !stopped;
  const emitEnded = (guest: string): void => emit.endSession(guest, 'deleted');

  /** The room, for whoever may delete it. @throws AppError NOT_FOUND, FORBIDDEN, REFUSED (the lobby) */
  async function requireRuler(caller: Caller, slug: string): Promise<RoomRow> {
    const row = await roomOf(slug);
    const owns = row.ownerId?.equals(caller.userId) === true;
    if (!owns && (caller.guest !== undefined || !(await isAdmin(caller.userId))))
      throw new AppError('FORBIDDEN', 'Only the owner of the room can do that');
    if (row.slug === lobbySlug) throw new AppError('REFUSED', 'The lobby cannot be deleted');
    return row;
  }

  /**
   * Ends its log. Who was let in to write before the room was deleted comes either before this entry, and is answered that
   * it is stored, or after it: then the members have changed, the right is looked at again, and there is none.
   */
  const close = async (conversationId: string): Promise<void> => {
    await log.append({
      conversationId,
      senderId: nobody,
      clientId: ':deleted',
      payloadHash: '',
      payload: { kind: 'member', change: 'removed', userIds: [] },
      bytes: 600,
      rights: { membersVersion: 0, recheck: () => Promise.resolve(Number.MAX_SAFE_INTEGER) },
    });
  };

  /** After it is done, so that nothing stands there that was not; where that fails, the sweep does it. */
  async function record({
    _id,
    ownerId,
    deletedBy,
  }: Pick<ConversationRow, '_id' | 'ownerId' | 'deletedBy'>): Promise<void> {
    if (ownerId === undefined || deletedBy === undefined || ownerId.equals(deletedBy)) return;
    await recordRemoval(
      { userId: deletedBy.toHexString() },
      { _id: _id.toHexString(), ownerId: ownerId.toHexString() },
    );
  }

  /** Deletes it for everybody, at once and for good. @throws AppError NOT_FOUND, FORBIDDEN, REFUSED (the lobby) */
  async function remove(caller: Caller, slug: string): Promise<void> {
    await count(caller.userId);
    const { _id, ownerId } = await requireRuler(caller, slug);
    const conversationId = _id.toHexString();
    const wereIn = await conversations.dissolve(
      conversationId,
      caller.userId,
      new Date(clock.now() + sweptAfterMs),
    );
    // From here on it is deleted, whatever becomes of the rest: the sweep sees to what is left of that.
    arrivals.dissolved(conversationId, wereIn);
    for (let start = 0; start < wereIn.length; start += emittedAtOnce)
      emit.toPeople(wereIn.slice(start, start + emittedAtOnce), 'conversation:gone', { conversationId });
    await record({ _id, ownerId, deletedBy: new Types.ObjectId(caller.userId) }).catch(report);
    await close(conversationId).catch(report);
    // Those who are not here just now may be a great many: the sweep ends their sessions.
    await guests
      .endAmong(conversationId, wereIn)
      .then((ended) => ended.forEach(emitEnded))
      .catch(report);
    await expect().catch(report);
  }

  /**
   * Stored before anything is deleted: whoever reads the log meanwhile, to repair its head, must know that what is missing
   * was swept, and is no gap.
   */
  async function endAtHead(_id: ConversationRow['_id']): Promise<void> {
    await log.heads.repair(_id.toHexString());
    const newest = await entries.model
      .findOne({ conversationId: _id }, { seq: 1 })
      .sort({ seq: -1 })
      .hint(entryIndexes.seq)
      .lean();
    if (newest) await rows.updateOne({ _id }, { $max: { firstSeq: newest.seq + 1 } });
  }

  /** @returns false where it had to stop before all was done */
  async function sweepOne(row: ConversationRow): Promise<boolean> {
    const { _id, membersVersion } = row;
    const conversationId = _id.toHexString();
    await record(row);
    const ofRoom = { conversationId: _id };
    // Nobody comes or goes in a room's log but by its end.
    if (membersVersion === undefined) await close(conversationId);
    await guests.endRoom(conversationId, emitEnded, { goesOn });
    await endAtHead(_id);
    await deleteByTurns(entries.model, ofRoom, { goesOn });
    await conversations.forgetMembers(conversationId, { goesOn });
    await deleteByTurns(tables.visitors, ofRoom, { goesOn });
    await deleteByTurns(tables.bans, ofRoom, { goesOn });
    if (stopped) return false;
    await rows.updateOne({ _id }, { $unset: { sweepAt: '', lastMessageSeq: '' } });
    return true;
  }

  async function sweepAll(): Promise<number> {
    let swept = 0;
    for (;;) {
      const due = { sweepAt: { $lte: new Date(clock.now()) } };
      const row = await rows.findOne(due).sort({ sweepAt: 1 }).lean();
      if (!row) return swept;
      try {
        if (!(await sweepOne(row))) return swept;
        swept += 1;
      } catch (error) {
        report(error);
        // Those that are due after it do not wait for it. While the database is away, this fails too and ends the sweep.
        await rows.updateOne(
          { _id: row._id, sweepAt: row.sweepAt },
          { $set: { sweepAt: new Date(clock.now() + againAfterMs) } },
        );
      }
    }
  }

  /** Takes what is left of deleted rooms out of the database, also of those whose sweep was cut short. @returns how many */
  function sweep(): Promise<number> {
    sweeping ??= sweepAll().finally(() => (sweeping = undefined));
    return sweeping;
  }

  /** Sweeps when the next one is due. */
  async function expect(): Promise<void> {
    const next = await rows
      .findOne({ sweepAt: { $exists: true } }, { sweepAt: 1 })
      .sort({ sweepAt: 1 })
      .lean();
    cancelNext?.();
    cancelNext = undefined;
    if (next?.sweepAt === undefined || stopped) return;
    cancelNext = clock.after(Math.max(next.sweepAt.getTime() - clock.now(), 0), () => {
      sweep().then(expect).catch(report);
    });
  }

  return {
    remove,
    sweep,
    expect,

    /** Ends what goes on just now; the next start goes on with it. */
    async close(): Promise<void> {
      stopped = true;
      cancelNext?.();
      await sweeping?.catch(() => undefined);
    },
  };
}
