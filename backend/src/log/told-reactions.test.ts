import { limits } from '@sori/contract';
import { Types } from 'mongoose';
import type { MessageRow } from './entries.model.js';
import { toldReactions } from './told-reactions.js';

const person = (number: number): Types.ObjectId => new Types.ObjectId(number.toString(16).padStart(24, '0'));
const id = (number: number): string => person(number).toHexString();
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
/** That person chose those emojis at that seq. */
const chose = (number: number, emojis: string[], seq = number): MessageRow['reactions'][number] => ({
  userId: person(number),
  emojis,
  seq,
});

describe('what is told of the reactions to a message', () => {
  it('is how many chose each emoji, and who, in the order in which they did', () => {
    expect(toldReactions([chose(1, ['🎉', '👍']), chose(2, ['👍']), chose(3, [])])).toEqual([
      { emoji: '🎉', count: 1, userIds: [id(1)] },
      { emoji: '👍', count: 2, userIds: [id(1), id(2)] },
    ]);
  });

  it('counts all and names the first ones by the time of reacting, wherever they are stored', () => {
    const many = upTo(limits.reactorsTold + 10).map((number) => chose(number, ['👍']));
    const [told] = toldReactions([...many.slice(30), ...many.slice(0, 30)]);
    expect(told).toEqual({
      emoji: '👍',
      count: limits.reactorsTold + 10,
      userIds: upTo(limits.reactorsTold).map(id),
    });
  });

  it('names whoever is answered behind them, once, and only where they reacted', () => {
    const last = limits.reactorsTold + 10;
    const registers = [...upTo(last - 1).map((number) => chose(number, ['👍', '🎉'])), chose(last, ['👍'])];
    const named = (viewer: number): string[][] =>
      toldReactions(registers, id(viewer)).map(({ userIds }) => userIds);
    const first = upTo(limits.reactorsTold).map(id);
    expect(named(last)).toEqual([[...first, id(last)], first]);
    expect(named(3)).toEqual([first, first]);
    expect(named(last + 1)).toEqual([first, first]);
  });
});
