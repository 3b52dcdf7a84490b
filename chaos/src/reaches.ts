import type { Violation } from './evidence.js';

export interface ReachesDeps {
  count: (what: string, by?: number) => void;
  notice: (violation: Violation) => void;
}

/** Writes down what of groups reached whom, and notices where that was while they were known to be out. */
export function createReaches(groups: ReadonlySet<string>, { count, notice }: ReachesDeps) {
  const reached = new Map<string, Map<string, Set<number>>>();
  /** Who is known to be out, and where the log ended when that was answered. */
  const outSince = new Map<string, Map<string, number>>();
  /** Who may be coming in just now, and how often that has begun or ended. */
  const comingIn = new Map<string, { asked: number; turn: number }>();
  /** The highest seq that anybody was shown. */
  const highest = new Map<string, number>();

  function comingOf(conversationId: string, userId: string): { asked: number; turn: number } {
    const key = `${conversationId} ${userId}`;
    const coming = comingIn.get(key) ?? { asked: 0, turn: 0 };
    comingIn.set(key, coming);
    return coming;
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

  return {
    reach,
    reached,
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
  };
}
