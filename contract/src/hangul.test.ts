import { initialOf, isInitial, isSyllable } from './hangul.js';

describe('the consonant that a syllable begins with', () => {
  it.each([
    ['가', 'ㄱ'],
    ['깋', 'ㄱ'],
    ['까', 'ㄲ'],
    ['김', 'ㄱ'],
    ['힣', 'ㅎ'],
    ['ㅁ', 'ㅁ'],
    ['a', 'a'],
    ['', ''],
  ])('of %j is %j', (character, initial) => expect(initialOf(character)).toBe(initial));
});

it.each(['ㄱ', 'ㅆ', 'ㅎ'])('%s alone stands for every syllable that begins with it', (consonant) => {
  expect(isInitial(consonant)).toBe(true);
  expect(isSyllable(consonant)).toBe(false);
});

it.each(['ㅏ', 'ㄳ', '가', 'k', ''])('%j stands for nothing but itself', (character) =>
  expect(isInitial(character)).toBe(false),
);
