import { emojiForm, limits } from '@sori/contract';
import { mongo, Types } from 'mongoose';
import type { Register, Registers } from './reaction-registers.js';
import { reactionsShown } from './reactions-shown.js';

const person = (number: number): Types.ObjectId => new Types.ObjectId(number.toString(16).padStart(24, '0'));
const id = (number: number): string => person(number).toHexString();
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
/** That person chose those emojis at that seq. */
const chose = (number: number, emojis: string[], seq = number): Register => ({
  userId: person(number),
  emojis,
  seq,
});

/** As they are stored, and as a page of messages is read. */
const asStored = (registers: unknown[]): Uint8Array =>
  mongo.BSON.serialize(Object.fromEntries(registers.entries()));

describe('what is shown of the reactions to a message', () => {
  it('is how many chose each emoji, and who, in the order in which they did', () => {
    expect(reactionsShown([chose(1, ['🎉', '👍']), chose(2, ['👍']), chose(3, [])])).toEqual([
      { emoji: '🎉', count: 1, userIds: [id(1)] },
      { emoji: '👍', count: 2, userIds: [id(1), id(2)] },
    ]);
  });

  it('counts all and names the first ones by the time of reacting, wherever they are stored', () => {
    const many = upTo(limits.reactorsShown + 10).map((number) => chose(number, ['👍']));
    const [shown] = reactionsShown([...many.slice(30), ...many.slice(0, 30)]);
    expect(shown).toEqual({
      emoji: '👍',
      count: limits.reactorsShown + 10,
      userIds: upTo(limits.reactorsShown).map(id),
    });
  });

  it('names the viewer behind them, once, and only where they reacted', () => {
    const last = limits.reactorsShown + 10;
    const registers = [...upTo(last - 1).map((number) => chose(number, ['👍', '🎉'])), chose(last, ['👍'])];
    const named = (viewer: number): string[][] =>
      reactionsShown(registers, id(viewer)).map(({ userIds }) => userIds);
    const first = upTo(limits.reactorsShown).map(id);
    expect(named(last)).toEqual([[...first, id(last)], first]);
    expect(named(3)).toEqual([first, first]);
    expect(named(last + 1)).toEqual([first, first]);
  });

  it('is the same for registers read as rows and as bytes, whatever numbers and names are in them', () => {
    const kinds = ['👍', '❤', '🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}', '👨‍👩‍👧‍👦', '🎉'];
    const chosenBy = (number: number): string[] => kinds.filter((_, kind) => (number * 7) % (kind + 2) === 0);
    // Some out of order, some with a number that the driver stores in another way.
    const seqOf = (number: number): number =>
      number % 9 === 0 ? number + 2 ** 33 : number % 7 ? number : number / 2;
    const registers = upTo(500).map((number) => chose(number, chosenBy(number), seqOf(number)));
    const shown = reactionsShown(registers, id(499));
    expect(shown.map(({ emoji }) => emoji).sort()).toEqual(kinds.map(emojiForm).sort());
    expect(reactionsShown(asStored(registers), id(499))).toEqual(shown);
    expect(shown.map(({ emoji, count }) => [emoji, count])).toEqual(
      shown.map(({ emoji }) => [
        emoji,
        registers.filter(({ emojis }) => emojis.map(emojiForm).includes(emoji)).length,
      ]),
    );
  });

  it('is nothing where the stored value is no list, and skips what is no register in a list', () => {
    for (const broken of ['no list', null, undefined, { userId: person(1) }, 7]) {
      expect(reactionsShown(broken as unknown as Registers, id(1))).toEqual([]);
    }
    const broken = [
      null,
      'nobody',
      { ...chose(1, []), emojis: 'no list' },
      { ...chose(2, []), emojis: ['👍', 7, null] },
      { userId: 'nobody', emojis: ['🎉'], seq: 3 },
      { userId: person(4), emojis: ['👍'] },
      chose(5, ['👍']),
    ];
    const shown = [{ emoji: '👍', count: 3, userIds: [id(4), id(2), id(5)] }];
    expect(reactionsShown(broken as unknown as Registers)).toEqual(shown);
    expect(reactionsShown(asStored(broken))).toEqual(shown);
  });
});
