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

  it('is a text when there are too many', () => {
    expect(emojiOnly('😀'.repeat(31))).toBe(0);
  });
});
