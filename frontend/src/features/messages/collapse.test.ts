import { beginningOf } from './collapse';

const begin = (text: string): string => beginningOf(text) ?? text;
const rest = (length: number): string => ' word'.repeat(length / 5);

describe('the beginning of a long text', () => {
  it.each([
    ['a family', '👨‍👩‍👧'],
    ['a letter with two accents', 'a\u0301\u0323'],
    ['a flag', '🇰🇷'],
    ['a syllable in its parts', '한'.normalize('NFD')],
    ['a skin tone', '👋🏽'],
    ['a letter in two halves', '𝒜'],
  ])('never ends within %s', (_what, character) => {
    for (let before = 0; before < 8; before += 1) {
      const text = 'x'.repeat(before) + character.repeat(2_400);
      const shown = begin(text).slice(0, -1);
      expect(text.startsWith(shown)).toBe(true);
      expect((shown.length - before) % character.length).toBe(0);
      expect(shown.length).toBeGreaterThan(600);
      expect(shown.length).toBeLessThan(1_500);
    }
  });

  it('ends somewhere in a character without end', () => {
    const text = `a${'\u0301'.repeat(3_000)}`;
    expect(begin(text)).toHaveLength(701);
  });

  it('ends between words where it can', () => {
    expect(begin(rest(4_000))).toMatch(/ word…$/);
  });

  it('ends before an address that it would shorten', () => {
    const text = `${'x'.repeat(500)} https://a.kr/${'b'.repeat(400)}${rest(2_000)}`;
    expect(begin(text)).toBe(`${'x'.repeat(500)}…`);
  });

  it('ends behind an address that begins too early for that', () => {
    const address = `https://a.kr/${'b'.repeat(900)}`;
    expect(begin(`${address}를 봐${rest(2_000)}`)).toBe(`${address}…`);
  });

  it('is all there is where that is one address', () => {
    expect(beginningOf(`https://a.kr/${'b'.repeat(5_000)}`)).toBeNull();
  });

  it('is not kept from ending by addresses elsewhere', () => {
    const text = `https://a.kr/b${rest(660)} https://a.kr/c ${rest(2_000)}`;
    expect(begin(text).length).toBeGreaterThan(600);
    expect(begin(text).length).toBeLessThan(702);
  });

  it('ends after so many lines', () => {
    expect(begin('a\n'.repeat(100))).toBe(`${'a\n'.repeat(13)}a…`);
    expect(beginningOf('a\n'.repeat(38))).toBeNull();
  });
});
