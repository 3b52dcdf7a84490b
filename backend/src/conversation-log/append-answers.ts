import { Types } from 'mongoose';
import { unknownOutcome, type Waiting, within } from './append.js';
import type { AppendQueue } from './append-queue.js';
import type { EntryRow, MessageRow } from './entries.model.js';
import type { Heads } from './heads.js';
import { isMembership } from './membership.js';
import { isChange } from './message-projection.js';
import { tailOf, type TailCache } from './tail-cache.js';

/** What another server takes to append and say so, at least and at most, in milliseconds; later it has nothing to append. */
const turnMs = { least: 10, most: 100 } as const;
/** A third one, that waits for longer, is likely to be faster then. In milliseconds. */
const afterTurnMs = 3;

export interface AppendAnswersDeps {
  queue: Pick<AppendQueue, 'backlogOf' | 'hold' | 'leave'>;
  tails: TailCache;
  heads: Pick<Heads, 'isWarm' | 'writeBehind' | 'advance'>;
  targetsOf: (
    conversationId: Types.ObjectId,
    entries: readonly EntryRow[],
  ) => Promise<Map<number, MessageRow>>;
  publish: (entry: EntryRow, target?: MessageRow) => void;
  /** What an insert has taken lately, in milliseconds: about what it takes other servers. */
  insertTakes: () => number;
  random: () => number;
}

/** What follows once entries are in the log: their heads, then the recipients, then those who asked. */
export function createAppendAnswers(deps: AppendAnswersDeps) {
  const { queue, tails, heads, targetsOf, publish, insertTakes, random } = deps;
  const { backlogOf, hold, leave } = queue;

  /**
   * Other servers append here as well, and their entries lost against these ones: who has just won lets them go first. What
   * waits here meanwhile goes into one batch.
   */
  async function othersTurn(id: string, seq: number): Promise<void> {
    await tails.learned(id, seq, within(turnMs, 1.5 * insertTakes()));
    await new Promise((resume) => setTimeout(resume, random() * afterTurnMs));
  }

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
      if (last) tails.set(id, tailOf(last));
      const letOthers = (): void => {
        if (last && tails.isShared(id)) hold(backlog, () => othersTurn(id, last.seq + 1));
      };
      if (heads.isWarm(id, following[0]?.seq ?? 0) && !following.some(hasProjection)) {
        heads.writeBehind(id, following);
        letOthers();
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
        letOthers();
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
