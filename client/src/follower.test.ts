import type { Entry } from '@sori/contract';
import fc from 'fast-check';
import {
  bufferMax,
  entriesCame,
  followFrom,
  headHinted,
  isBehind,
  isUnseen,
  type Follower,
} from './follower.js';

const conversationId = 'c'.repeat(24);
const entry = (seq: number): Entry => ({
  _id: seq.toString(16).padStart(24, '0'),
  conversationId,
  seq,
  at: '2025-03-09T12:00:00.000Z',
  kind: 'noop',
});
const seqs = (entries: readonly Entry[]) => entries.map(({ seq }) => seq);
const upTo = (head: number, after = 0) =>
  Array.from({ length: Math.max(0, head - after) }, (_, index) => entry(after + index + 1));

describe('following a conversation', () => {
  it('applies the next entry and drops one that was applied', () => {
    const first = entriesCame(followFrom(4), [entry(5)]);
    expect(seqs(first.applied)).toEqual([5]);
    expect(entriesCame(first.follower, [entry(5), entry(3)]).applied).toEqual([]);
  });

  it('holds what came early until the missing one arrives', () => {
    const early = entriesCame(followFrom(0), [entry(3), entry(2)]);
    expect(early.applied).toEqual([]);
    expect(isBehind(early.follower)).toBe(true);
    expect(isUnseen(early.follower, 3)).toBe(false);
    const all = entriesCame(early.follower, [entry(1)]);
    expect(seqs(all.applied)).toEqual([1, 2, 3]);
    expect(isBehind(all.follower)).toBe(false);
    expect(all.follower.buffer.size).toBe(0);
  });

  it('knows from a hint that it is behind, and a late hint takes nothing back', () => {
    expect(isBehind(headHinted(followFrom(4), 9))).toBe(true);
    expect(headHinted(followFrom(4), 2)).toEqual(followFrom(4));
  });

  it('holds no more than its buffer, and remembers that there was more', () => {
    const flooded = entriesCame(followFrom(0), upTo(1_000, 1)).follower;
    expect(flooded.buffer.size).toBe(bufferMax);
    expect(flooded.headSeq).toBe(1_000);
    const caughtUp = entriesCame(flooded, upTo(1_000));
    expect(seqs(caughtUp.applied)).toEqual(seqs(upTo(1_000)));
    expect(caughtUp.follower.buffer.size).toBe(0);
  });

  it('ends at the same place whatever is lost, doubled or turned around on the way, and never skips or repeats', () => {
    const event = fc.oneof(
      fc.record({ received: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 20 }) }),
      fc.record({ hinted: fc.integer({ min: 0, max: 60 }) }),
      fc.record({ fetched: fc.integer({ min: 1, max: 20 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.array(event, { maxLength: 40 }), (start, events) => {
        const head = 60;
        const applied: number[] = [];
        let follower: Follower = followFrom(start);
        const take = (entries: readonly Entry[]) => {
          const followed = entriesCame(follower, entries);
          follower = followed.follower;
          applied.push(...seqs(followed.applied));
        };
        for (const happened of events) {
          if ('received' in happened) take(happened.received.map(entry));
          else if ('hinted' in happened) follower = headHinted(follower, happened.hinted);
          // A page as the server answers it: from the cursor on, at most so many.
          else take(upTo(head, follower.cursor).slice(0, happened.fetched));
          expect([...follower.buffer.keys()].every((seq) => seq > follower.cursor + 1)).toBe(true);
        }
        follower = headHinted(follower, head);
        while (isBehind(follower)) take(upTo(head, follower.cursor).slice(0, 7));
        expect(applied).toEqual(seqs(upTo(head, start)));
      }),
    );
  });
});
