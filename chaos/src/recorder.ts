import type { Entry, Message } from '@sori/contract';
import type { Coming, Delivered, Intent, Receipt, Rule, Violation } from './evidence.js';

/** So many of one rule are kept: the first ones tell, the thousandth does not. */
const keptPerRule = 200;

export type Recorder = ReturnType<typeof createRecorder>;

/** Writes down what people wanted, were told and were answered, and notices at once what can be told at once. */
export function createRecorder(
  conversations: ReadonlyMap<string, readonly string[]>,
  groups: ReadonlySet<string> = new Set(),
) {
  const intents: Intent[] = [];
  const comings: Coming[] = [];
  const delivered = new Map<string, Map<number, Delivered>>();
  const reached = new Map<string, Map<string, Set<number>>>();
  /** Of groups: who is known to be out, and where the log ended when that was answered. */
  const outSince = new Map<string, Map<string, number>>();
  /** Of groups: who may be coming in just now, and how often that has begun or ended. */
  const comingIn = new Map<string, { asked: number; turn: number }>();
  /** Of groups: the highest seq that anybody was shown. */
  const highest = new Map<string, number>();
  const receipts = new Map<string, Receipt>();
  /** The highest seq of each conversation that somebody was answered with: nothing may ever show less. */
  const floors = new Map<string, number>();
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

  /** Something of a group reached somebody: not after they were out, and before it was even asked to take them in again. */
  function reach(conversationId: string, userId: string, seq: number): void {
    if (!groups.has(conversationId)) return;
    const people = reached.get(conversationId) ?? new Map<string, Set<number>>();
    reached.set(conversationId, people);
    people.set(userId, (people.get(userId) ?? new Set<number>()).add(seq));
    const out = outSince.get(conversationId) ?? new Map<string, number>();
    if (seq > (highest.get(conversationId) ?? 0)) {
      highest.set(conversationId, seq);
      // Each of these could be shown to them as well: a check for which nobody was out proves nothing.
      count('entries kept from who was out', [...out.values()].filter((since) => seq > since).length);
    }
    const since = out.get(userId) ?? Infinity;
    if (seq > since)
      notice({
        rule: 'I11',
        what: `${userId} was shown seq ${seq} of ${conversationId}, where they were taken out by seq ${since}`,
      });
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

  function comingOf(conversationId: string, userId: string): { asked: number; turn: number } {
    const key = `${conversationId} ${userId}`;
    const coming = comingIn.get(key) ?? { asked: 0, turn: 0 };
    comingIn.set(key, coming);
    return coming;
  }

  return {
    intents,
    comings,
    delivered,
    reached,
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

    isGroup: (conversationId: string): boolean => groups.has(conversationId),
    /** Which time of coming in this is. */
    turnOf: (conversationId: string, userId: string): number => comingOf(conversationId, userId).turn,
    /**
     * It was answered that they are out, and that the log ended here then.
     * @param turn as it was before that was asked: where they may have come in meanwhile, it is not known
     */
    isOut(conversationId: string, userId: string, headSeq: number, turn: number): void {
      const coming = comingOf(conversationId, userId);
      if (coming.asked > 0 || coming.turn !== turn) return;
      outSince.set(
        conversationId,
        (outSince.get(conversationId) ?? new Map<string, number>()).set(userId, headSeq),
      );
    },
    /** It is asked to take them in, or they come by themselves. @returns to be called when that was answered for good */
    mayComeBack(conversationId: string, userId: string): () => void {
      outSince.get(conversationId)?.delete(userId);
      const coming = comingOf(conversationId, userId);
      coming.asked += 1;
      coming.turn += 1;
      return () => {
        coming.asked -= 1;
        coming.turn += 1;
      };
    },

    floorOf: (conversationId: string): number => floors.get(conversationId) ?? 0,
    answered(conversationId: string, seq: number): void {
      floors.set(conversationId, Math.max(floors.get(conversationId) ?? 0, seq));
    },
  };
}
