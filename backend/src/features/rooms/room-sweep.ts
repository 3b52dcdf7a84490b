import type { Connection } from 'mongoose';
import { deleteByTurns, type TurnsOptions } from '../../database/delete-in-batches.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import { entryIndexes } from '../../conversation-log/entries.model.js';
import type { Clock } from '../../realtime/clock.js';
import type { Guests } from './guests.js';
import type { RoomEnd } from './room-end.js';
import { roomRowsOn } from './rooms.model.js';

export interface RoomSweepDeps {
  log: Pick<ConversationLog, 'heads' | 'releaseFiles' | 'upkeep'>;
  /** Without a time-out. */
  upkeep: Connection;
  conversations: {
    /** Takes away what is kept of everybody who was in it. */
    forgetMembers: (conversationId: string, options: TurnsOptions) => Promise<number>;
  };
  guests: Pick<Guests, 'endRoom'>;
  end: RoomEnd;
  emitEnded: (guest: string) => void;
  clock: Pick<Clock, 'now' | 'after'>;
  report: (error: unknown) => void;
}

/** When one is tried again that could not be swept. */
const againAfterMs = 60_000;

/** Takes what is left of deleted rooms out of the database, by turns. */
export function createRoomSweep(deps: RoomSweepDeps) {
  const { log, conversations, guests, end, emitEnded, clock, report } = deps;
  const { entries, conversations: rows } = log.upkeep;
  const tables = roomRowsOn(deps.upkeep);
  let sweeping: Promise<number> | undefined;
  let cancelNext: (() => void) | undefined;
  let stopped = false;
  const goesOn = (): boolean => !stopped;

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
    await end.record(row);
    const ofRoom = { conversationId: _id };
    // Nobody comes or goes in a room's log but by its end.
    if (membersVersion === undefined) await end.endLog(conversationId);
    await guests.endRoom(conversationId, emitEnded, { goesOn });
    await endAtHead(_id);
    await log.releaseFiles(_id);
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

  /** Sweeps what is due, also those whose sweep was cut short. @returns how many */
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
