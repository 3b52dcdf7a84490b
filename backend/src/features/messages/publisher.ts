import type { Logger } from 'pino';
import { LRUCache } from 'lru-cache';
import type { EntryRow, MessageRow } from '../../log/entries.model.js';
import { toEntry, toMessage } from '../../log/wire.js';
import type { Tell } from '../../realtime/tell.js';

/** Who hears of a conversation. */
export interface Audience {
  conversationId: string;
  kind: 'direct' | 'group' | 'room';
  participants: readonly string[];
}

export interface PublisherDeps {
  tell: Pick<Tell, 'people' | 'both'>;
  /** Answers at once for what this process has just written. */
  audienceOf: (conversationId: string) => Audience | Promise<Audience | null>;
  /** The first entry of a conversation was told: it begins to exist for its people. */
  begun: (audience: Audience) => void;
  log: Logger;
}

/** So many seqs are kept singly. Beyond them a repeat is told again, and dropped by who follows the log. */
const remembered = 1_000;

/**
 * Tells each (conversation, seq) to this server's sockets once, whoever published it and however often. Best effort:
 * who misses it finds the gap and fetches.
 */
export function createPublisher({ tell, audienceOf, begun, log }: PublisherDeps) {
  const told = new LRUCache<string, Told>({ max: 50_000 });

  function emit(entry: EntryRow, target: MessageRow | undefined, audience: Audience): void {
    const senderId = entry.senderId.toHexString();
    if (entry.kind === 'message') {
      const message = toMessage(entry);
      const { participants, kind } = audience;
      // A tutorial client knows direct conversations only, and appends its own messages from the reply.
      const tutorial = kind === 'direct' ? participants.filter((id) => id !== senderId) : [];
      tell.both({ people: participants, tutorial }, 'newMessage', message);
    } else {
      tell.people(audience.participants, 'entry', toEntry(entry, new Map(target && [[target.seq, target]])));
    }
    if (entry.seq === 1) begun(audience);
  }

  return function publish(entry: EntryRow, target?: MessageRow): void {
    const conversationId = entry.conversationId.toHexString();
    let seen = told.get(conversationId);
    if (!seen) {
      seen = new Told();
      told.set(conversationId, seen);
    }
    if (!seen.first(entry.seq)) return;
    const audience = audienceOf(conversationId);
    if (!(audience instanceof Promise)) {
      emit(entry, target, audience);
      return;
    }
    audience.then(
      (found) => found && emit(entry, target, found),
      (error: unknown) =>
        log.warn({ err: error, conversationId }, 'nobody could be told; they will fetch it'),
    );
  };
}

/**
 * The seqs of one conversation that were told. They come in order, so one stretch without a gap holds almost all of them
 * however many there are; what lies outside it (repeats of what was there before this server started) is kept singly.
 */
class Told {
  private from = 0;
  private to = -1;
  private readonly others = new Set<number>();

  /** True the first time. */
  first(seq: number): boolean {
    if ((seq >= this.from && seq <= this.to) || this.others.has(seq)) return false;
    if (seq === this.to + 1) this.to = seq;
    else if (seq > this.to) {
      // What this stretch began after is below it now, and only a repeat will ask for it.
      this.keep(this.from, this.to);
      this.from = this.to = seq;
    } else this.keep(seq, seq);
    while (this.others.delete(this.to + 1)) this.to += 1;
    return true;
  }

  private keep(from: number, to: number): void {
    for (let seq = Math.max(from, to - remembered + 1); seq <= to; seq += 1) this.others.add(seq);
    for (const oldest of this.others) {
      if (this.others.size <= remembered) break;
      this.others.delete(oldest);
    }
  }
}
