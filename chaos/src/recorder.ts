import type { Entry, Message } from '@sori/contract';
import type { Coming, Delivered, Intent, Receipt, Rule, Violation } from './evidence.js';
import { createReaches } from './reaches.js';

/** So many of one rule are kept: the first ones tell, the thousandth does not. */
const keptPerRule = 200;

export type Recorder = ReturnType<typeof createRecorder>;

/**
 * Writes down what people wanted, were told and were answered, and notices at once what can be told at once.
 * @param headsLagMs how long heads may lag behind what was acknowledged, in milliseconds
 */
export function createRecorder(
  conversations: ReadonlyMap<string, readonly string[]>,
  groups: ReadonlySet<string> = new Set(),
  headsLagMs = 0,
) {
  const intents: Intent[] = [];
  const comings: Coming[] = [];
  const delivered = new Map<string, Map<number, Delivered>>();
  const receipts = new Map<string, Receipt>();
  /** The highest seqs of each conversation that somebody was answered with, ascending: nothing may ever show less. */
  const floors = new Map<string, { seq: number; at: number }[]>();
  const noticed: Violation[] = [];
  const noticedByRule = new Map<Rule, number>();
  const counts = new Map<string, number>();

  const count = (what: string, by = 1): void => void counts.set(what, (counts.get(what) ?? 0) + by);

  function notice(violation: Violation): void {
    const already = noticedByRule.get(violation.rule) ?? 0;
    noticedByRule.set(violation.rule, already + 1);
    if (already < keptPerRule) noticed.push(violation);
  }

  /** Somebody is told of a conversation: it has to be one of theirs. */
  function belongs(userId: string, conversationId: string): boolean {
    if (conversations.get(conversationId)?.includes(userId)) return true;
    notice({ rule: 'I11', what: `${userId} was told of ${conversationId}, where they are not` });
    return false;
  }

  function place(conversationId: string, seq: number, entry: Delivered): void {
    let bySeq = delivered.get(conversationId);
    if (!bySeq) {
      bySeq = new Map();
      delivered.set(conversationId, bySeq);
    }
    const before = bySeq.get(seq);
    if (!before) bySeq.set(seq, entry);
    else if (before._id !== entry._id)
      notice({
        rule: 'I4',
        what: `${conversationId} seq ${seq} was delivered as ${before._id} and as ${entry._id}: two histories`,
      });
  }

  function raise(conversationId: string, userId: string, readSeq: number, deliveredSeq: number): void {
    const key = `${conversationId} ${userId}`;
    const before = receipts.get(key);
    receipts.set(key, {
      conversationId,
      userId,
      readSeq: Math.max(before?.readSeq ?? 0, readSeq),
      deliveredSeq: Math.max(before?.deliveredSeq ?? 0, deliveredSeq),
    });
  }

  const { reach, ...reaches } = createReaches(groups, { count, notice });

  return {
    intents,
    comings,
    delivered,
    ...reaches,
    noticed,
    counts,
    count,
    notice,
    belongs,
    raise,
    receipts: (): Receipt[] => [...receipts.values()],
    receiptOf: (conversationId: string, userId: string): Pick<Receipt, 'readSeq' | 'deliveredSeq'> =>
      receipts.get(`${conversationId} ${userId}`) ?? { readSeq: 0, deliveredSeq: 0 },

    /** An entry reached a device, live or in a page. */
    entryCame(userId: string, entry: Entry): void {
      if (!belongs(userId, entry.conversationId)) return;
      reach(entry.conversationId, userId, entry.seq);
      place(entry.conversationId, entry.seq, { _id: entry._id, kind: entry.kind });
    },

    /** A message was shown outside the log: in a history, a list, an answer. */
    messageCame(userId: string, message: Message): void {
      if (!belongs(userId, message.conversationId)) return;
      reach(message.conversationId, userId, message.seq);
      place(message.conversationId, message.seq, { _id: message._id, kind: 'message' });
    },

    floorOf: (conversationId: string): number => floors.get(conversationId)?.at(-1)?.seq ?? 0,
    /** The least that a head may say: other servers may know of an entry before they know of the head behind it. */
    headFloorOf(conversationId: string): number {
      const latest = performance.now() - headsLagMs;
      return floors.get(conversationId)?.findLast(({ at }) => at <= latest)?.seq ?? 0;
    },
    answered(conversationId: string, seq: number): void {
      const those = floors.get(conversationId) ?? [];
      if (seq > (those.at(-1)?.seq ?? 0)) those.push({ seq, at: performance.now() });
      floors.set(conversationId, those);
    },
  };
}
