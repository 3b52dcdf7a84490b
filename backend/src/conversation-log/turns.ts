import { LRUCache } from 'lru-cache';
import { Types } from 'mongoose';
import { within } from './append.js';
import type { EntryRow } from './entries.model.js';
import type { Tail, TailCache } from './tail-cache.js';

/** Who appends next behind this tail, as the server says that appended it. */
export interface Turn {
  tail: Tail;
  /** Servers, the next one first. Who appended last is the last of them. */
  queue: readonly string[];
}

/**
 * What another server is given to hear that it is its turn, append and say so, at least and at most, in milliseconds. Later it
 * has nothing to append.
 */
const turnMs = { least: 10, most: 200 } as const;
/** So many times of what turns take. */
const patience = 2;
/**
 * What takes longer than so many inserts was no turn, but somebody who had nothing to write: on busy processors a turn took
 * three to five of them, most of it until it was heard of.
 */
const insertsInTurn = 5;
/** Two that are in no queue do not append at the same moment. In milliseconds. */
const jitterMs = 3;

export interface TurnsDeps {
  tails: Pick<TailCache, 'learn' | 'markShared'>;
  /** Whether other servers say what they appended. */
  hearsOthers: () => boolean;
  /** What an insert has taken lately, in milliseconds: about what it takes other servers. */
  insertTakes: () => number;
  random: () => number;
}

interface Known extends Turn {
  /** Of what this server appended: seq of the first entry. */
  firstSeq: number | undefined;
  /** When it was appended or heard of here, and from when on this server may append, on a clock that nobody sets. */
  at: number;
  mayAppendAt: number;
}

export type Turns = ReturnType<typeof createTurns>;

/**
 * Whose turn it is to append to a conversation into which several servers do. Each win costs the others what they insert at the
 * same time, so who appends says who is next. Where that is wrong, or is not heard, time is lost and nothing else: the unique
 * indexes decide who has a number.
 */
export function createTurns({ tails, hearsOthers, insertTakes, random }: TurnsDeps) {
  /** Names this process to the others. */
  const self = new Types.ObjectId().toHexString();
  const turns = new LRUCache<string, Known>({ max: 10_000 });
  /** Who has something to append, and was in no queue since they said so. */
  const asking = new LRUCache<string, Set<string>>({ max: 10_000 });
  /** Seq of the tail behind which this server asked. */
  const asked = new LRUCache<string, number>({ max: 10_000 });
  /** From hearing of one turn to hearing of the next, lately, in milliseconds; each one counts for a tenth. */
  let turnTakes = 0;
  let ask: (conversationId: string) => void = () => undefined;

  const knownBehind = (id: string, { seq }: Tail): Known | undefined => {
    const known = turns.get(id);
    return known?.tail.seq === seq ? known : undefined;
  };

  function remember(id: string, { tail, queue }: Turn, firstSeq?: number): void {
    const at = performance.now();
    const place = queue.indexOf(self);
    // Whoever is in no queue is let in before the one that has just appended.
    let before = place === -1 ? queue.length - 1 : place;
    // Also one that cannot say that it would like to.
    if (firstSeq !== undefined) before = Math.max(before, 1);
    const least = insertTakes();
    const takes = hearsOthers() ? within({ least, most: insertsInTurn * least }, turnTakes) : least;
    const each = within(turnMs, patience * takes);
    const waits = Math.min(before * each, turnMs.most) + (place === -1 ? random() * jitterMs : 0);
    turns.set(id, { tail, queue, firstSeq, at, mayAppendAt: at + waits });
  }

  return {
    self,

    /** This server appended these, where others append as well. */
    appended(id: string, firstSeq: number, tail: Tail): void {
      const queue = turns.get(id)?.queue ?? [];
      // Who was before this one has let its turn pass, and asks when it has something.
      const behind = queue.slice(queue.indexOf(self) + 1);
      const others = new Set([...behind, ...(asking.get(id) ?? [])]);
      others.delete(self);
      asking.delete(id);
      remember(id, { tail, queue: [...others, self] }, firstSeq);
    },

    /** What is said with an entry of this server: with the first of those that it appended together. */
    saidWith({ conversationId, seq }: EntryRow): Turn | undefined {
      const known = turns.get(conversationId.toHexString());
      return known?.firstSeq === seq ? { tail: known.tail, queue: known.queue } : undefined;
    },

    /** Another server appended up to this tail, which is durable, and says who is next. */
    heard(id: string, turn: Turn): void {
      const last = turns.get(id);
      if (last && last.tail.seq >= turn.tail.seq) return;
      const took = last ? performance.now() - last.at : Infinity;
      if (took < turnMs.most) turnTakes += (took - turnTakes) / 10;
      for (const server of turn.queue) asking.get(id)?.delete(server);
      remember(id, turn);
      tails.learn(id, turn.tail);
    },

    /** That server has something to append there. */
    askedBy(id: string, server: string): void {
      tails.markShared(id);
      if (turns.get(id)?.queue.includes(server)) return;
      asking.set(id, (asking.get(id) ?? new Set()).add(server));
    },

    /**
     * How long it is the turn of others behind this tail, in milliseconds; 0 where this server may append what it has. Where they
     * do not know that it has something, they are told.
     */
    waitMs(id: string, tail: Tail): number {
      const known = knownBehind(id, tail);
      if (!known?.queue.includes(self) && hearsOthers() && asked.get(id) !== tail.seq) {
        asked.set(id, tail.seq);
        ask(id);
      }
      return known ? Math.max(0, known.mayAppendAt - performance.now()) : 0;
    },

    /** True where another server said that it is this one's turn behind this tail. */
    isOwn(id: string, tail: Tail): boolean {
      const known = knownBehind(id, tail);
      return known?.firstSeq === undefined && known?.queue[0] === self;
    },

    /** The database is another one than before. */
    forget: (): void => turns.clear(),

    /** Calls back where this server has something to append and is in no queue. */
    onAsk: (callback: (conversationId: string) => void): void => void (ask = callback),
  };
}
