import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import type { ConversationRow } from '../conversation-log/conversations.model.js';
import type { EntryRow, MessageRow } from '../conversation-log/entries.model.js';
import { isChange } from '../conversation-log/message-projection.js';
import type { Page } from '../conversation-log/reader.js';
import type { Clock } from '../realtime/clock.js';
import type { Link } from './link.js';

export interface CatchUpDeps {
  link: Pick<Link, 'isUp' | 'onUp'>;
  /** False where a server that lives has not been heard of for a moment: it cannot reach us, or we cannot hear it. */
  hearsAll: () => boolean;
  /** On the connections for reads. */
  conversations: Model<ConversationRow>;
  after: (conversation: ConversationRow, afterSeq: number, limit: number) => Promise<Page>;
  /** Whether somebody who is in that conversation has a socket here. */
  concerns: (conversation: ConversationRow) => boolean;
  storedElsewhere: (entry: EntryRow, target?: MessageRow) => void;
  clock: Clock;
  report: (error: unknown) => void;
}

/** It is looked this often whether there is reason to ask, in milliseconds, and asked as often as below. */
const lookEveryMs = 250;
/** So that what another server stored is emitted within 2 s, head (100 ms behind) and reading included. */
const askEveryMs = 1_000;
/** A head may be stored this much after its entry was published, in milliseconds. */
const againAfterMs = 500;
/** By the clocks of other servers, which may differ by 30 s, what is as new as this may have been stored just now. */
const recentMs = 60_000;
const conversationsAtOnce = 2_000;
/** Who missed more fetches it: the newest entry shows them that there is something. */
const entriesAtOnce = 100;

export type CatchUp = ReturnType<typeof createCatchUp>;

/** Finds in the database what other servers stored and was not heard of. */
export function createCatchUp(deps: CatchUpDeps) {
  const { link, hearsAll, conversations, after, concerns, storedElsewhere, clock, report } = deps;
  /** Up to where each log was emitted here. */
  const emitted = new LRUCache<string, number>({ max: 100_000 });
  let askedAt = -Infinity;
  let asking: Promise<void> | undefined;
  let wasDeaf = false;
  let cancel = (): void => undefined;
  let closed = false;

  async function emitMissing(row: ConversationRow): Promise<void> {
    const id = row._id.toHexString();
    const from = emitted.get(id) ?? row.appliedSeq - 1;
    if (row.appliedSeq <= from || closed) return;
    emitPage(await after(row, Math.max(from, row.appliedSeq - entriesAtOnce), entriesAtOnce));
  }

  function emitPage({ entries, targets }: Page): void {
    for (const entry of entries)
      storedElsewhere(entry, isChange(entry) ? targets.get(entry.targetSeq) : undefined);
  }

  /** Whatever is the matter with one, the others have their turn. */
  async function emitAllMissing(rows: readonly ConversationRow[]): Promise<void> {
    for (const row of rows) if (concerns(row)) await emitMissing(row).catch(report);
  }

  async function askForRecent(): Promise<void> {
    const since = new Date(clock.now() - recentMs);
    await emitAllMissing(
      await conversations
        .find({ headAt: { $gte: since } })
        .sort({ headAt: -1 })
        .limit(conversationsAtOnce)
        .lean(),
    );
  }

  function ask(): Promise<void> {
    // The database may be gone as well by now.
    if (closed) return Promise.resolve();
    askedAt = clock.elapsed();
    asking ??= askForRecent()
      .catch(report)
      .finally(() => (asking = undefined));
    return asking;
  }

  function look(): void {
    cancel = clock.after(lookEveryMs, look);
    const isDeaf = !link.isUp() || !hearsAll();
    if (isDeaf && (!wasDeaf || clock.elapsed() - askedAt >= askEveryMs)) void ask();
    wasDeaf = isDeaf;
  }
  cancel = clock.after(lookEveryMs, look);

  link.onUp(() => {
    void ask().then(() => clock.after(againAfterMs, () => void ask()));
  });

  return {
    /** This entry is emitted here. */
    emitted: (entry: EntryRow): void => {
      const id = entry.conversationId.toHexString();
      if (entry.seq > (emitted.get(id) ?? 0)) emitted.set(id, entry.seq);
    },

    /**
     * This server is about to listen to that conversation.
     * @returns to be called once it does: emits what was stored there until then
     */
    conversation(_id: string): () => Promise<void> {
      // Now: what is heard as soon as it listens may be from behind a gap.
      const from = emitted.get(_id);
      return async () => {
        // Who has just come sees by the heads where it ends.
        if (from === undefined || closed) return;
        const row = await conversations.findOne({ _id }).lean();
        // Whatever its head says, which may be written later.
        if (row) emitPage(await after(row, from, entriesAtOnce));
      };
    },

    close(): void {
      closed = true;
      cancel();
    },
  };
}
