import type { Entry, Message } from '@sori/contract';

/** What a message told live looks like in the log. */
export const asEntry = (message: Message): Entry => ({ ...message, kind: 'message', at: message.createdAt });

/** Entries that came too early wait here. More than this is fetched again rather than held. */
export const bufferMax = 256;

/** How far one conversation's log was followed. The rules are those of docs/protocol.md, "The client". */
export type Follower = {
  /** Everything up to and with this seq was applied. */
  readonly cursor: number;
  /** The highest seq that is known to exist. */
  readonly headSeq: number;
  /** What came too early, by seq; all above `cursor + 1`. */
  readonly buffer: ReadonlyMap<number, Entry>;
};

export type Followed = {
  readonly follower: Follower;
  /** What is to be applied now, in the log's order, each entry once in a follower's life. */
  readonly applied: readonly Entry[];
};

export const followFrom = (cursor: number): Follower => ({ cursor, headSeq: cursor, buffer: new Map() });

export const isBehind = ({ cursor, headSeq }: Follower): boolean => headSeq > cursor;

/** True where this entry would be news: neither applied nor waiting. */
export const isUnseen = ({ cursor, buffer }: Follower, seq: number): boolean =>
  seq > cursor && !buffer.has(seq);

/**
 * Entries, told live or fetched, in whatever order and however often: what follows on the cursor is applied with what
 * waited behind it, what is old is dropped, what is early waits.
 */
export const entriesCame = (follower: Follower, entries: readonly Entry[]): Followed => {
  const waiting = new Map(follower.buffer);
  let { cursor, headSeq } = follower;
  const applied: Entry[] = [];
  const apply = (entry: Entry) => {
    applied.push(entry);
    cursor = entry.seq;
  };
  for (const entry of entries) {
    headSeq = Math.max(headSeq, entry.seq);
    if (entry.seq <= cursor) continue;
    if (entry.seq === cursor + 1) {
      apply(entry);
      for (let next = waiting.get(cursor + 1); next !== undefined; next = waiting.get(cursor + 1))
        apply(next);
    } else if (waiting.size < bufferMax) waiting.set(entry.seq, entry);
  }
  for (const seq of waiting.keys()) if (seq <= cursor) waiting.delete(seq);
  return { follower: { cursor, headSeq, buffer: waiting }, applied };
};

/** A hint of how far the log goes. It says nothing about what was applied. */
export const headHinted = (follower: Follower, headSeq: number): Follower =>
  headSeq > follower.headSeq ? { ...follower, headSeq } : follower;
