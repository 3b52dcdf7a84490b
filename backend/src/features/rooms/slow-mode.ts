import { refused } from '../../core/errors.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';

/** When somebody wrote (milliseconds since 1970), and under which clientId. */
export interface Wrote {
  at: number;
  clientId: string | undefined;
}

export interface SlowModeDeps {
  /** When this person last wrote in the room as the log has it; null for never. */
  latestOf: (conversationId: string, userId: string) => Promise<Wrote | null>;
  /** When they were last let through, by whichever server; undefined where nobody has been asked since the last change. */
  notedOf: (conversationId: string, userId: string) => Promise<Wrote | undefined>;
  /** Notes that they are let through, if that is still so: `before` is what was noted. */
  note: (
    conversationId: string,
    userId: string,
    wrote: { before: Wrote | undefined; now: Wrote },
  ) => Promise<boolean>;
  isStored: ConversationLog['isStored'];
  now: () => number;
}

/** Whoever writes by several servers at the very same time is looked at again so often. */
const tries = 5;

/**
 * Keeps a person from writing again before the room's time is over. It is noted in the database, so that who writes by several
 * servers does not write more often.
 */
export function createSlowMode({ latestOf, notedOf, note, isStored, now }: SlowModeDeps) {
  /**
   * To be called in the order in which the person sends. What was let through once is let through again: its first try may
   * have been lost.
   * @throws AppError "REFUSED" with the time to wait
   */
  return async function take(
    {
      conversationId,
      userId,
      clientId,
    }: { conversationId: string; userId: string; clientId?: string | undefined },
    everySeconds: number,
  ): Promise<void> {
    let retryAfterMs = everySeconds * 1_000;
    for (let turn = 0; turn < tries; turn += 1) {
      const noted = await notedOf(conversationId, userId);
      const before = noted ?? (await latestOf(conversationId, userId));
      if (clientId !== undefined && before?.clientId === clientId) return;
      retryAfterMs = before ? before.at + everySeconds * 1_000 - now() : 0;
      if (retryAfterMs > 0) break;
      const wrote = { before: noted, now: { at: now(), clientId } };
      if (await note(conversationId, userId, wrote)) return;
      retryAfterMs = everySeconds * 1_000;
    }
    if (clientId !== undefined && (await isStored(conversationId, userId, clientId))) return;
    const seconds = Math.ceil(retryAfterMs / 1_000);
    throw refused('slowMode', `In this room you can write again in ${seconds} s`, retryAfterMs);
  };
}
