import { formatIn, timeLocaleFor } from './locale';

const at = new Date(2025, 2, 9, 15, 5);
const timeFor = (language: string, preferred: readonly string[]): string => {
  const { locale, hourCycle } = timeLocaleFor(language, preferred);
  const formatter = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', hourCycle });
  return formatIn(language, formatter, at);
};

describe('times', () => {
  it.each([
    ['an American', 'en', ['en-US', 'en'], '3:05 PM'],
    ['a Briton', 'en', ['en-GB', 'en'], '15:05'],
    ['a German who reads the page in English', 'en', ['de-DE', 'de', 'en'], '15:05'],
    ['a Korean', 'ko', ['ko-KR'], '오후 3:05'],
    ['a Korean who reads the page in English', 'en', ['ko-KR', 'ko'], '3:05 PM'],
    ['an American who reads the page in Korean', 'ko', ['en-US'], '오후 3:05'],
    ['somebody whose browser says nothing', 'en', [], '3:05 PM'],
    ['somebody whose browser says nonsense', 'en', ['en-US@posix', ''], '3:05 PM'],
  ] as const)('are written as %s writes them', (_, language, preferred, written) => {
    expect(timeFor(language, preferred).replaceAll('\u202f', ' ')).toBe(written);
  });

  it('begin the day at 00:00 where it has 24 hours', () => {
    const { locale, hourCycle } = timeLocaleFor('en', ['de']);
    const midnight = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', hourCycle });
    expect(midnight.format(new Date(2025, 2, 9, 0, 5))).toBe('00:05');
  });

  it('take the variety that a person prefers most', () => {
    expect(timeLocaleFor('en', ['fr-FR', 'en-IE', 'en-US']).locale).toBe('en-IE');
  });
});
