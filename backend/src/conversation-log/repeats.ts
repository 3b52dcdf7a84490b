import type { Types } from 'mongoose';
import { type Append, type Appended, conflict } from './append.js';
import type { AsRead } from './durability.js';
import type { Entries, EntryRow, MessageRow } from './entries.model.js';
import type { Heads } from './heads.js';
import { isChange } from './message-projection.js';

export interface RepeatsDeps {
  entries: Entries;
  heads: Pick<Heads, 'repair'>;
  /** True once what was read is durable; false where it vanished. */
  ensureDurable: (entry: AsRead) => Promise<boolean>;
  targetsOf: (
    conversationId: Types.ObjectId,
    entries: readonly EntryRow[],
  ) => Promise<Map<number, MessageRow>>;
  publish: (entry: EntryRow, target?: MessageRow) => void;
}

/** What an append is known by. */
type Asked = Pick<Append, 'conversationId' | 'senderId' | 'clientId' | 'payloadHash'>;

export type Repeats = ReturnType<typeof createRepeats>;

/** What was asked before, and is in the log already. */
export function createRepeats({ entries, heads, ensureDurable, targetsOf, publish }: RepeatsDeps) {
  /** What lies under this clientId, durably; null where nothing does, or where what was read vanished. */
  async function storedFor({ conversationId, senderId, clientId }: Asked): Promise<EntryRow | null> {
    const entry = await entries.model.findOne({ conversationId, senderId, clientId }).lean();
    return entry && (await ensureDurable(entry)) ? entry : null;
  }

  /** Its first try may have died before the head was written, or before it was emitted. */
  async function emitAgain(entry: EntryRow): Promise<Appended> {
    await heads.repair(entry.conversationId.toHexString());
    const target = isChange(entry)
      ? (await targetsOf(entry.conversationId, [entry])).get(entry.targetSeq)
      : undefined;
    publish(entry, target);
    return { entry, target, repeat: true };
  }

  /**
   * The answer to what was asked before, for who has to know it before they decide anew. Null where nothing was stored.
   * @throws AppError CONFLICT (the clientId was used for another content)
   */
  async function repeatOf(asked: Asked): Promise<Appended | null> {
    const entry = await storedFor(asked);
    if (entry && entry.payloadHash !== asked.payloadHash) throw conflict();
    return entry && emitAgain(entry);
  }

  /** Whether this clientId of the sender's is in the log already: then what comes with it is a repeat. */
  const isStored = async (conversationId: string, senderId: string, clientId: string): Promise<boolean> =>
    (await entries.model.exists({ conversationId, senderId, clientId })) !== null;

  return { storedFor, emitAgain, repeatOf, isStored };
}
