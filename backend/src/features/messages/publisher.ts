import type { Logger } from 'pino';
import { LRUCache } from 'lru-cache';
import type { EntryRow } from '../../log/entries.model.js';
import { toMessage } from '../../log/wire.js';
import type { Tell } from '../../realtime/tell.js';

/** Who hears of a conversation. */
export interface Audience {
  conversationId: string;
  kind: 'direct' | 'group' | 'room';
  participants: readonly string[];
}

export interface PublisherDeps {
  tell: Pick<Tell, 'people' | 'tutorial'>;
  /** Answers at once for what this process has just written. */
  audienceOf: (conversationId: string) => Audience | Promise<Audience | null>;
  /** The first entry of a conversation was told: it begins to exist for its people. */
  begun: (audience: Audience) => void;
  log: Logger;
}

/** How far back a repeat is recognised as told already. What is older is told again, and dropped by who follows the log. */
const remembered = 1_000;

/**
 * Tells each (conversation, seq) to this server's sockets once, whoever published it and however often. Best effort:
 * who misses it finds the gap and fetches.
 */
export function createPublisher({ tell, audienceOf, begun, log }: PublisherDeps) {
  const told = new LRUCache<string, Told>({ max: 50_000 });

  function emit(entry: EntryRow, audience: Audience): void {
    const senderId = entry.senderId.toHexString();
    if (entry.kind === 'message') {
      const message = toMessage(entry);
      tell.people(audience.participants, 'newMessage', message);
      if (audience.kind === 'direct') {
        // A tutorial client appends its own messages from the reply.
        tell.tutorial(
          audience.participants.filter((id) => id !== senderId),
          'newMessage',
          message,
        );
      }
    }
    if (entry.seq === 1) begun(audience);
  }

  return function publish(entry: EntryRow): void {
    const conversationId = entry.conversationId.toHexString();
    let seen = told.get(conversationId);
    if (!seen) {
      seen = new Told();
      told.set(conversationId, seen);
    }
    if (!seen.first(entry.seq)) return;
    const audience = audienceOf(conversationId);
    if (!(audience instanceof Promise)) {
      emit(entry, audience);
      return;
    }
    audience.then(
      (found) => found && emit(entry, found),
      (error: unknown) =>
        log.warn({ err: error, conversationId }, 'nobody could be told; they will fetch it'),
    );
  };
}

/** The seqs of one conversation that were told, as far back as it matters. */
class Told {
  private readonly seqs = new Set<number>();

  /** True the first time. */
  first(seq: number): boolean {
    if (this.seqs.has(seq)) return false;
    this.seqs.add(seq);
    if (this.seqs.size > remembered) {
      const [oldest] = this.seqs;
      if (oldest !== undefined) this.seqs.delete(oldest);
    }
    return true;
  }
}
