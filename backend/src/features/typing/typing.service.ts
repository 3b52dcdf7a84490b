import { limits, type SetTyping } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import { type Audience, isIn } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Emitter } from '../../realtime/emitter.js';

export interface TypingDeps {
  /** Who is in the conversation. Throws NOT_FOUND where the caller is not in it. */
  audienceFor: (caller: Caller, conversationId: string) => Promise<Audience>;
  /** Whom somebody blocks, and who blocks them: neither sees that the other writes. */
  relationsOf: (userId: string) => Promise<{ blocks: ReadonlySet<string>; blockedBy: ReadonlySet<string> }>;
  /** Whether this person lets others see that they are writing. */
  shows: (userId: string) => Promise<boolean>;
  emit: Pick<Emitter, 'toOthersIn'>;
  /** Milliseconds since whenever, by a clock that nobody sets. */
  now: () => number;
}

interface LastEmitted {
  /** From when on "writing" may be emitted again. */
  next: number;
  typing: boolean;
}

/**
 * Clients send it every three seconds as well, and one repeat that the network brought a moment early must not wait for
 * the next: by then the name would have gone out. The one after it is due as if this one had come in time.
 */
const earlyMs = 250;

export type Typings = ReturnType<typeof createTypings>;

/** Who is writing just now: emitted to those who are there, and never stored. */
export function createTypings({ audienceFor, relationsOf, shows, emit, now }: TypingDeps) {
  // Whoever falls out of it is emitted once too often, no more.
  const lastEmitted = new LRUCache<string, LastEmitted>({ max: 50_000 });
  // "Not any more" must not overtake "writing" while that one waits for the database: it would stand there for seconds.
  const inOrder = createSerializeByKey();

  /**
   * That somebody writes is emitted at most once per `limits.typingEveryMs` until they send it, also where they stopped in
   * between; that they stopped is emitted at once, and only where it was emitted that they write. What comes too early is
   * dropped and not emitted later: by then they may have gone, and recipients would show them for six seconds more.
   * @throws AppError NOT_FOUND for a conversation that the caller is not in.
   */
  async function set(caller: Caller, { conversationId, typing }: SetTyping): Promise<void> {
    const { userId } = caller;
    const audience = await audienceFor(caller, conversationId);
    const key = `${conversationId}:${userId}`;
    const last = lastEmitted.get(key);
    if (typing ? last && now() < last.next - earlyMs : !last?.typing) return;
    const { blocks, blockedBy } = await relationsOf(userId);
    if (typing) {
      if (!(await shows(userId))) return;
      lastEmitted.set(key, { next: Math.max(now(), last?.next ?? 0) + limits.typingEveryMs, typing });
    } else if (last) lastEmitted.set(key, { ...last, typing });
    const unseen = [...blocks, ...blockedBy].filter((id) => isIn(audience, id));
    emit.toOthersIn(audience, [userId, ...unseen], 'typing', { conversationId, userId, typing });
  }

  return {
    /** They have sent it: to the recipients they write no longer, and they may begin anew at once. */
    wrote({ senderId, conversationId }: { senderId: string; conversationId: string }): void {
      lastEmitted.delete(`${conversationId}:${senderId}`);
    },

    set: (caller: Caller, asked: SetTyping): Promise<void> =>
      inOrder(`${asked.conversationId}:${caller.userId}`, () => set(caller, asked)),
  };
}
