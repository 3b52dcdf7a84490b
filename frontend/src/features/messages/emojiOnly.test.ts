import { emojiOnly } from './emojiOnly';

describe('a message of nothing but emoji', () => {
  it.each([
    ['👍', 1],
    ['👨‍👩‍👧‍👦', 1],
    ['🇰🇷', 1],
    ['👋🏽', 1],
    ['❤️‍🔥', 1],
    ['❤️', 1],
    ['🏴󠁧󠁢󠁷󠁬󠁳󠁿', 1],
    ['1️⃣', 1],
    ['👩🏻‍💻', 1],
    ['🏳️‍🌈', 1],
    ['👍🇰🇷👨‍👩‍👧‍👦', 3],
    ['🎉 🎉\n🎉', 3],
  ])('is counted as people see it: %s', (text, count) => expect(emojiOnly(text)).toBe(count));

  it.each(['', '안녕 👋', '1', '#', '12', '©', 'ㅋㅋ', '👍!', 'a'])('is not this: %j', (text) =>
    expect(emojiOnly(text)).toBe(0),
  );

  it.each([
    ['hearts', '❤️\u200D', '❤\u0301'],
    ['hearts in a skin', '❤️🏽\u200D', '❤\u0301'],
    ['people', '👩🏻\u200D', 'a'],
    ['tags', '\u{E0067}', '\u0301'],
  ])('is quickly seen to be none where a long row of joined %s breaks off', (_what, part, end) => {
    const began = performance.now();
    expect(emojiOnly(`🏴${part.repeat(30)}${end}`)).toBe(0);
    // What tries every way to read it takes minutes.
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('is a text when there are too many', () => {
    expect(emojiOnly('😀'.repeat(31))).toBe(0);
  });
});
