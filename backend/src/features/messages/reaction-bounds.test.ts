import { limits } from '@sori/contract';
import { Types } from 'mongoose';
import type { Register } from '../../conversation-log/reaction-registers.js';
import { createReacting, reactionsThere, requireRoom } from './reaction-bounds.js';

const ids = Array.from({ length: 30 }, () => new Types.ObjectId().toHexString());
const emojiOf = (index: number): string => String.fromCodePoint(0x1f347 + index);
const chose = (userId: string, emojis: string[], seq: number): Register => ({
  userId: new Types.ObjectId(userId),
  emojis,
  seq,
});

it('of thirty people who all choose another emoji of the same message, as many are let in as there is room for', async () => {
  const reacting = createReacting();
  let readByAll = (): void => undefined;
  const read = new Promise<void>((resolve) => (readByAll = resolve));
  const stored: Register[] = [];
  const outcomes = ids.map((userId, index) =>
    reacting('message', userId, async (chosen, choose) => {
      const asRead = [...stored];
      if (index === ids.length - 1) readByAll();
      await read;
      const after = [emojiOf(index)];
      requireRoom(reactionsThere(asRead, userId, chosen), after);
      choose(after);
      stored.push(chose(userId, after, index));
    }),
  );
  const settled = await Promise.allSettled(outcomes);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(limits.reactionKindsMax);
  expect(stored).toHaveLength(limits.reactionKindsMax);
  // Once nobody decides any more, what is stored is all that counts.
  await reacting('message', 'somebody', (chosen) => {
    expect(chosen.size).toBe(0);
    return Promise.resolve();
  });
});

it('what is not stored yet counts beside what it replaces, and once where it is stored already', () => {
  const [one = '', two = '', three = ''] = ids;
  const registers = [chose(one, ['👍'], 1), chose(two, [], 2)];
  const chosen = new Map([
    [one, []],
    [two, ['🎉']],
    [three, ['🎉']],
  ]);
  const there = reactionsThere(registers, ids[4] ?? '', chosen);
  expect(there).toEqual({ own: undefined, kinds: new Set(['👍', '🎉']), people: 3, registers: 3 });
  expect(reactionsThere(registers, one, chosen)).toMatchObject({ own: ['👍'], people: 2, registers: 2 });
});

it('what could not be stored is forgotten', async () => {
  const reacting = createReacting();
  const [one = '', two = ''] = ids;
  let end = (): void => undefined;
  const other = reacting('message', two, async (chosen) => {
    await new Promise<void>((resolve) => (end = resolve));
    return chosen.size;
  });
  const failing = reacting('message', one, (_chosen, choose) => {
    choose(['👍']);
    return Promise.reject(new Error('away'));
  });
  await expect(failing).rejects.toThrow('away');
  end();
  await expect(other).resolves.toBe(0);
});
