import type { Logger } from 'pino';
import type { Model } from 'mongoose';
import { createActivity } from './activity.js';
import type { WithoutGap } from './gap-repair.js';
import type { ConversationRow } from './conversations.model.js';
import type { Entries, EntryRow } from './entries.model.js';
import { advanced, isSome, noHead } from './head.js';
import { createHeadFlush } from './head-flush.js';
import { createHeadRepair } from './head-repair.js';
import { createKnownHeads } from './known-heads.js';
import { farSkewMs, type OtherServers } from './other-servers.js';
import type { AsRead } from './durability.js';
import { createReconciliation } from './reconciliation.js';

export interface HeadsDeps {
  conversations: Model<ConversationRow>;
  entries: Entries;
  /** Applies what these entries of one conversation change elsewhere, in order. Again, or late, ends in the same state. */
  apply: (entries: readonly EntryRow[]) => Promise<void>;
  /** True once this row and all before it are durable; false where it vanished. */
  ensureDurable: (entry: AsRead) => Promise<boolean>;
  withoutGap: WithoutGap;
  servers: OtherServers;
  log: Logger;
  now: () => number;
  /** How long a head that is written behind may wait for others to be written with it, in milliseconds. Default 100. */
  flushAfterMs?: number | undefined;
}

export type Heads = ReturnType<typeof createHeads>;

/**
 * The heads of conversations: projections that follow the log in order. Whoever finds one behind repairs it; nobody
 * overwrites one blindly, because a peer's edit that was not applied yet would be lost.
 */
export function createHeads(deps: HeadsDeps) {
  const { conversations, entries, apply, ensureDurable, withoutGap, servers, log, now } = deps;
  const heads = createKnownHeads(now);
  const { known } = heads;
  const activity = createActivity({ conversations, entries, log });
  const flush = createHeadFlush({
    conversations,
    heads,
    repair: (id) => repair(id),
    log,
    flushAfterMs: deps.flushAfterMs ?? 100,
  });
  const { repair, repairAmongOthers, advanceFrom } = createHeadRepair({
    conversations,
    entries,
    heads,
    activity,
    flushOvertaken: flush.flushOvertaken,
    apply,
    ensureDurable,
    withoutGap,
    log,
  });
  const reconciliation = createReconciliation({
    conversations,
    entries,
    heads,
    activity,
    repair: repairAmongOthers,
    servers,
    now,
  });

  return {
    known,

    /**
     * True where plain messages from `firstSeq` on may be emitted before their head is stored: this process wrote the head
     * lately, and knows all that lies below. An entry of another server in between may be a change that it never applied.
     * Where this machine's clock is far from the database's, the others would not look for what it leaves behind.
     */
    isWarm: (id: string, firstSeq: number): boolean =>
      Math.abs(servers.clockSkewMs()) <= farSkewMs && heads.isWarm(id, firstSeq),

    /** Plain messages were appended to a warm conversation: its head follows within 100 ms. */
    writeBehind(id: string, following: readonly EntryRow[]): void {
      const last = following.at(-1);
      if (!last || !isSome(following) || (known(id)?.seq ?? 0) >= last.seq) return;
      heads.isAsLateAs(last.at.getTime());
      heads.willStore(id, advanced(known(id) ?? noHead, following));
      flush.soon();
    },

    /** Applies what was appended and stores the head, before anything is emitted. */
    async advance(id: string, following: readonly EntryRow[]): Promise<void> {
      if (!isSome(following)) return;
      const [first] = following;
      const before = known(id);
      // An own head that is still dirty was never stored: the log says what else is missing.
      const simple =
        !heads.isDirty(id) &&
        (before?.seq ?? 0) === first.seq - 1 &&
        (before !== undefined || first.seq === 1);
      if (simple) {
        await apply(following);
        if ((await advanceFrom(before ?? noHead, following)) !== 'overtaken') return;
      }
      await repair(id);
    },

    /** Another server appended this, and knows it to be durable. */
    learn(entry: EntryRow): void {
      if (entry.kind === 'message') heads.learn(entry.conversationId.toHexString(), entry);
    },

    repair,
    flushAll: flush.flushAll,
    isDirty: heads.isDirty,
    /** How many heads wait to be stored. */
    behind: heads.dirtyCount,
    reconcile: (): Promise<number> => reconciliation.reconcile(),
    reconcileSome: (): Promise<number> => reconciliation.reconcileSome(),

    /** The database is another one than before: nothing that is remembered holds. */
    forget: (): void => heads.forget(),

    /** Stores what is dirty and stops. */
    close: (): Promise<void> => flush.close(),
  };
}
