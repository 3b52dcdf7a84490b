import { limits, type Person } from '@sori/contract';
import type { Connection } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound, refused } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Emitter } from '../../realtime/emitter.js';
import { type BlockRow, blocksOn, blocksVersionOn, type Seen } from './block.model.js';
import { createRelations, type Relations } from './relations.js';

export interface BlocksDeps {
  connection: Connection;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  personExists: (id: string) => Promise<boolean>;
  /** How far a person is in every conversation in which the other one is as well. */
  readBeside: (userId: string, otherId: string) => Promise<Seen[]>;
  /** Counts one change, which the other one may notice; throws RATE_LIMITED. */
  countChange: (userId: string) => Promise<void>;
  emit: Pick<Emitter, 'toPeople'>;
  now: () => number;
}

export type Blocks = ReturnType<typeof createBlocks>;

/** Who blocks whom. What a block does is for those to say who ask: see `relationsOf`. */
export function createBlocks(deps: BlocksDeps) {
  const { connection, people, personExists, readBeside, countChange, emit, now } = deps;
  const rows = blocksOn(connection);
  const versions = blocksVersionOn(connection);
  const relations = createRelations({
    rows,
    version: () => versions.read(),
    missed: (between) => {
      for (const listener of missedListeners) listener(between);
    },
    elapsed: () => performance.now(),
  });
  // What a person asked for last is what holds, whichever of two calls the database answers first.
  const inOrder = createSerializeByKey();
  const listeners = new Set<(userId: string, otherId: string, blocked: boolean) => void>();
  const missedListeners = new Set<(between?: readonly string[]) => void>();

  async function requirePerson(userId: string): Promise<void> {
    if (!(await personExists(userId))) throw notFound();
  }

  async function change(userId: string, otherId: string, blocked: boolean, store: () => Promise<unknown>) {
    try {
      await store();
    } catch (error) {
      // It may have been stored nevertheless.
      relations.doubt(userId, otherId);
      throw error;
    }
    relations.changed(userId, otherId, blocked);
    for (const listener of listeners) listener(userId, otherId, blocked);
    emit.toPeople([userId], 'block', { userId: otherId, blocked });
    await versions.raise([userId, otherId]);
  }

  return {
    /** Whom this person blocks, and who blocks them; it stays true while it is being used. */
    relationsOf: (userId: string): Promise<Relations> => relations.of(userId),

    /**
     * From now on. Again is once.
     * @throws AppError RATE_LIMITED, NOT_FOUND, INVALID for oneself, REFUSED beyond `limits.blocksPerPerson`
     */
    block: ({ userId }: Caller, otherId: string): Promise<void> =>
      inOrder(userId, async () => {
        await countChange(userId);
        if (otherId === userId) throw new AppError('INVALID', 'Nobody can block themselves');
        await requirePerson(otherId);
        const { blocks } = await relations.of(userId);
        if (blocks.has(otherId)) return;
        if (blocks.size >= limits.blocksPerPerson) {
          throw refused('blocksFull', `At most ${limits.blocksPerPerson} people can be blocked`);
        }
        const seen = await readBeside(userId, otherId);
        const fresh: Partial<BlockRow> = { at: new Date(now()), seen };
        await change(userId, otherId, true, () =>
          rows.updateOne({ userId, blockedId: otherId }, { $setOnInsert: fresh }, { upsert: true }),
        );
      }),

    /** What was hidden meanwhile stays so. Again, or without a block: nothing. @throws AppError RATE_LIMITED, NOT_FOUND */
    unblock: ({ userId }: Caller, otherId: string): Promise<void> =>
      inOrder(userId, async () => {
        await countChange(userId);
        await requirePerson(otherId);
        if (!(await relations.of(userId)).blocks.has(otherId)) return;
        await change(userId, otherId, false, () => rows.deleteOne({ userId, blockedId: otherId }));
      }),

    /** Whom the caller blocks, the latest first. */
    async list({ userId }: Caller): Promise<Person[]> {
      const found = await rows.find({ userId }, { blockedId: 1 }).sort({ _id: -1 }).lean();
      const ids = found.map(({ blockedId }) => blockedId.toHexString());
      const persons = await people(ids);
      return ids.flatMap((id) => persons.get(id) ?? []);
    },

    /**
     * How far those who block this person were, as shown to this person, when they began to: `conversation:blocker` →
     * positions.
     */
    async seenBy(userId: string): Promise<Map<string, Seen>> {
      const found = await rows.find({ blockedId: userId }, { userId: 1, seen: 1 }).lean();
      return new Map(
        found.flatMap((row) =>
          row.seen.map((seen) => [`${seen.conversationId.toHexString()}:${row.userId.toHexString()}`, seen]),
        ),
      );
    },

    /** Another server stored that one person blocks another, or no longer does. */
    changedElsewhere(userId: string, otherId: string, blocked: boolean): void {
      relations.changed(userId, otherId, blocked);
    },

    /** Looks whether other servers changed something that this one did not hear of. */
    lookAgain: (): Promise<void> => relations.check(),

    /** Calls `listener` where something changed between two people on any server; without them, between nobody knows whom. */
    onMissed: (listener: (between?: readonly string[]) => void): void => void missedListeners.add(listener),

    /** Calls `listener` with every change on this server. Returns how to stop that. */
    onChange(listener: (userId: string, otherId: string, blocked: boolean) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
