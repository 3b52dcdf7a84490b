import { alice, between, conversationId, said, timeOf } from '@sori/client/testing';
import type { Message } from '@sori/contract';
import fc from 'fast-check';
import {
  cutMessages,
  isOutgrown,
  keptAfter,
  keptMessages,
  withCounts,
  type CacheChange,
} from './keptConversations';
import { createMemoryCache } from './cacheStorage';

const change = (
  from: number,
  cursor: number,
  more: Partial<CacheChange> = {},
  state: (seq: number) => Partial<Message> = () => ({}),
): CacheChange => ({
  conversationId,
  epoch: 'one',
  cursor,
  from,
  held: {
    conversation: between({ headSeq: cursor, lastActivityAt: timeOf(cursor) }),
    countedSeq: cursor,
    stale: false,
  },
  messages: Array.from({ length: cursor - from + 1 }, (_, index) =>
    said(from + index, undefined, state(from + index)),
  ),
  ...more,
});

const open = async () => {
  const storage = await createMemoryCache()(alice._id);
  const seqs = async () => (await storage.messages(conversationId))?.messages.map(({ seq }) => seq) ?? [];
  const kept = async () => (await storage.conversations())[0];
  return { storage, seqs, kept };
};

describe('what a device keeps of a conversation', () => {
  it(
    'has no hole and is never ahead of its cursor, whatever tabs write it at their own pace',
    () =>
      fc.assert(
        fc.asyncProperty(
          // Each tab begins somewhere and follows in steps; a zero forgets what it had and begins at the head.
          fc.array(
            fc.record({ start: fc.integer({ min: 0, max: 40 }), steps: fc.array(fc.nat({ max: 30 })) }),
            { minLength: 1, maxLength: 3 },
          ),
          fc.infiniteStream(fc.nat({ max: 2 })),
          async (tabs, turns) => {
            const { storage, seqs, kept } = await open();
            const cursors = tabs.map(({ start }) => start);
            const steps = tabs.map((tab) => [...tab.steps]);
            for (const turn of turns) {
              if (steps.every(({ length }) => length === 0)) break;
              const tab = turn % tabs.length;
              const step = steps[tab]?.shift();
              if (step === undefined) continue;
              const before = cursors[tab] ?? 0;
              if (step === 0) {
                await storage.forget([conversationId]);
                continue;
              }
              cursors[tab] = before + step;
              await storage.write([change(before + 1, before + step)]);
              const record = await kept();
              const [from, cursor] = [record?.from ?? 1, record?.cursor ?? 0];
              expect(await seqs()).toEqual(
                Array.from({ length: cursor - from + 1 }, (_, index) => from + index),
              );
              expect(record?.held.countedSeq).toBe(cursor);
            }
          },
        ),
        { numRuns: 300 },
      ),
    240_000,
  );

  it('is bounded', async () => {
    const { storage, seqs, kept } = await open();
    await storage.write([change(1, cutMessages + 1)]);
    expect(await seqs()).toHaveLength(keptMessages);
    expect((await kept())?.from).toBe(cutMessages + 2 - keptMessages);
  });

  it('takes a change of an older message, and never an older state', async () => {
    const { storage } = await open();
    await storage.write([change(1, 3)]);
    const edited = said(2, undefined, { message: 'edited', updatedAt: timeOf(4) });
    await storage.write([change(4, 4, { messages: [edited] })]);
    await storage.write([change(1, 3)]);
    const texts = (await storage.messages(conversationId))?.messages.map(({ message }) => message);
    expect(texts).toEqual(['said 1', 'edited', 'said 3']);
  });

  it('is thrown away with another life of the database', async () => {
    const { storage, seqs } = await open();
    await storage.write([change(1, 9)]);
    await storage.write([change(3, 4, { epoch: 'two' })]);
    expect(await seqs()).toEqual([3, 4]);
  });
});

it('what an older version of the page kept is read as it was: all who reacted, and so many', () => {
  const reaction = { emoji: '👍', userIds: ['one', 'two'] };
  const old = said(1, undefined, { reactions: [reaction as Message['reactions'][number]] });
  expect(withCounts(old).reactions).toEqual([{ ...reaction, count: 2 }]);
  const received = said(1, undefined, { reactions: [{ ...reaction, count: 70 }] });
  expect(withCounts(received)).toEqual(received);
});

describe('what a page kept that it did not know', () => {
  const newer = { _id: said(2)._id, conversationId, seq: 2, at: timeOf(2), kind: 'newer' } as const;

  it('is asked for once more by a later build, and by no other', () => {
    const { kept } = keptAfter(undefined, change(1, 3, { build: 4, notices: [newer] }));
    expect([3, 4, 5].map((build) => isOutgrown(kept, build))).toEqual([false, false, true]);
    expect(isOutgrown({ ...kept, notices: [] }, 5)).toBe(false);
  });

  it('is not taken over by a later build, which would not know any more that it may know it', () => {
    const { kept: before } = keptAfter(undefined, change(1, 3, { build: 4, notices: [newer] }));
    const after = keptAfter(before, change(4, 4, { build: 5 }));
    expect(after).toMatchObject({ startsOver: true, kept: { from: 4, build: 5 } });
    expect(keptAfter(before, change(4, 4, { build: 4 }))).toMatchObject({
      startsOver: false,
      kept: { from: 1, notices: [newer] },
    });
  });
});
