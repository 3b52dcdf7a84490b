import { LRUCache } from 'lru-cache';
import { refused } from '../../core/errors.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';

export interface SlowModeDeps {
  /** When this person last wrote in the room (milliseconds since 1970), and under which clientId; null for never. */
  latestOf: (conversationId: string, userId: string) => Promise<{ at: number; clientId: string } | null>;
  isStored: ConversationLog['isStored'];
  now: () => number;
}

/** Keeps a person from writing again before the room's time is over. */
export function createSlowMode({ latestOf, isStored, now }: SlowModeDeps) {
  const latest = new LRUCache<string, { at: number; clientId: string | undefined }>({ max: 50_000 });

  /**
   * To be called in the order in which the person sends. What was let through once is let through again: its first try may
   * have been lost.
   * @throws AppError "REFUSED" with the time to wait
   */
  async function take(
    {
      conversationId,
      userId,
      clientId,
    }: { conversationId: string; userId: string; clientId?: string | undefined },
    everySeconds: number,
  ): Promise<void> {
    const key = `${conversationId}:${userId}`;
    const before = latest.get(key) ?? (await latestOf(conversationId, userId));
    if (clientId !== undefined && before?.clientId === clientId) return;
    const retryAfterMs = before ? before.at + everySeconds * 1_000 - now() : 0;
    if (retryAfterMs > 0) {
      if (clientId !== undefined && (await isStored(conversationId, userId, clientId))) return;
      const seconds = Math.ceil(retryAfterMs / 1_000);
      throw refused('slowMode', `In this room you can write again in ${seconds} s`, retryAfterMs);
    }
    latest.set(key, { at: now(), clientId });
  }

  return {
    take,
    /** Who wrote there last is read anew: without a slow mode nobody was asked. */
    forget(conversationId: string): void {
      for (const key of latest.keys()) if (key.startsWith(`${conversationId}:`)) latest.delete(key);
    },
  };
}
