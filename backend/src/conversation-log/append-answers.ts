import { Types } from 'mongoose';
import { unknownOutcome, type Waiting } from './append.js';
import type { AppendQueue } from './append-queue.js';
import type { EntryRow, MessageRow } from './entries.model.js';
import type { Heads } from './heads.js';
import { isMembership } from './membership.js';
import { isChange } from './message-projection.js';
import { tailOf, type TailCache } from './tail-cache.js';
import type { Turns } from './turns.js';

export interface AppendAnswersDeps {
  queue: Pick<AppendQueue, 'backlogOf' | 'hold' | 'leave'>;
  tails: Pick<TailCache, 'set' | 'isShared'>;
  turns: Pick<Turns, 'appended'>;
  heads: Pick<Heads, 'isWarm' | 'writeBehind' | 'advance'>;
  targetsOf: (
    conversationId: Types.ObjectId,
    entries: readonly EntryRow[],
  ) => Promise<Map<number, MessageRow>>;
  publish: (entry: EntryRow, target?: MessageRow) => void;
}

/** What follows once entries are in the log: their heads, then the recipients, then those who asked. */
export function createAppendAnswers(deps: AppendAnswersDeps) {
  const { queue, tails, turns, heads, targetsOf, publish } = deps;
  const { backlogOf, hold, leave } = queue;

  /**
   * These are durable. Heads, publishing and answering follow, conversation by conversation.
   * @returns publishes and answers those whose heads may follow behind; the others see to themselves.
   */
  function stored(items: readonly Waiting[]): () => void {
    const byConversation = new Map<string, Waiting[]>();
    for (const item of items) {
      const { conversationId } = item.request;
      const together = byConversation.get(conversationId);
      if (together) together.push(item);
      else byConversation.set(conversationId, [item]);
    }
    const warm: Waiting[] = [];
    for (const [id, together] of byConversation) {
      const backlog = backlogOf(id);
      const following = together.map((item) => item.row).filter((row) => row !== undefined);
      const last = following.at(-1);
      const firstSeq = following[0]?.seq ?? 0;
      if (last) tails.set(id, tailOf(last));
      if (last && tails.isShared(id)) turns.appended(id, firstSeq, tailOf(last));
      if (heads.isWarm(id, firstSeq) && !following.some(hasProjection)) {
        heads.writeBehind(id, following);
        for (const item of together) leave(backlog, item);
        warm.push(...together);
      } else {
        hold(backlog, async () => {
          let targets: Map<number, MessageRow>;
          try {
            await heads.advance(id, following);
            targets = await targetsOf(new Types.ObjectId(id), following);
          } catch (error) {
            // The entries are in the log, the head is not: their senders try again and are answered "repeat".
            for (const item of together) {
              item.reject(unknownOutcome(error));
              leave(backlog, item);
            }
            throw error;
          }
          for (const item of together) leave(backlog, item);
          answer(together, targets);
        });
      }
    }
    return () => answer(warm);
  }

  function answer(items: readonly Waiting[], targets: ReadonlyMap<number, MessageRow> = new Map()): void {
    for (const item of items) {
      const entry = item.row;
      if (!entry) continue;
      const target = isChange(entry) ? targets.get(entry.targetSeq) : undefined;
      publish(entry, target);
      item.resolve({ entry, target, repeat: false });
    }
  }

  return stored;
}

/** Changes more than its conversation's head: that comes before it is published. */
const hasProjection = (entry: EntryRow): boolean => isChange(entry) || isMembership(entry);
