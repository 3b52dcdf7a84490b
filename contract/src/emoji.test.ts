import { Emoji, emojiForm, isEmoji, ReactToMessage } from './index.js';

/** Every emoji that Unicode lists, with the ways to write it: 0 is fully qualified, 1 minimally, 2 not. */
const listed = jest.requireActual<Record<string, Record<string, 0 | 1 | 2>>>(
  'emojibase-data/meta/hexcodes.json',
);
const spelled = (hexcode: string): string =>
  String.fromCodePoint(...hexcode.split('-').map((digits) => Number.parseInt(digits, 16)));

const kinds = Object.values(listed).map((written) => {
  // U+FE0E asks for a letter instead of a picture.
  const ways = Object.entries(written).filter(([hexcode]) => !hexcode.includes('FE0E'));
  const qualified = ways.filter(([, quality]) => quality === 0).map(([hexcode]) => spelled(hexcode));
  // Those that are pictures by themselves are in this list with the selector too; in Unicode's own they are without.
  const [form = ''] = qualified.sort((a, b) => a.length - b.length);
  return { form, ways: ways.map(([hexcode]) => spelled(hexcode)) };
});

const message = { messageId: 'a'.repeat(24), clientId: 'c' };
const england = spelled('1F3F4-E0067-E0062-E0065-E006E-E0067-E007F');
const texas = spelled('1F3F4-E0075-E0073-E0074-E0078-E007F');

describe('the one form of an emoji', () => {
  it('is the fully qualified one, for every emoji that there is and every way to write it', () => {
    expect(kinds.length).toBeGreaterThan(3_500);
    const wrong = kinds.flatMap(({ form, ways }) =>
      [form, ...ways].filter((way) => !isEmoji(way) || emojiForm(way) !== form),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    ['👍\uFE0F', '👍'],
    ['❤', '❤\uFE0F'],
    ['❤\uFE0F', '❤\uFE0F'],
    ['👍\uFE0F🏽', '👍🏽'],
    ['👍🏽\uFE0F', '👍🏽'],
    ['1⃣', '1\uFE0F⃣'],
    ['❤‍🔥', '❤\uFE0F‍🔥'],
    ['🏳‍🌈', '🏳\uFE0F‍🌈'],
    ['👁‍🗨', '👁\uFE0F‍🗨\uFE0F'],
    ['🇰🇷', '🇰🇷'],
    [england, england],
  ])('of %s is %s', (written, form) => {
    expect(Emoji.parse(written)).toBe(form);
    expect(emojiForm(form)).toBe(form);
  });

  it('is reached from the spelling of the page’s picker', () => {
    interface Named {
      emoji: string;
      group?: number;
      skins?: Named[];
    }
    const offered = jest
      .requireActual<Named[]>('emojibase-data/en/data.json')
      // Halves of flags have none; 2 are skin tones and hair, which the picker does not offer by themselves.
      .filter(({ group = 2 }) => group !== 2)
      .flatMap(({ emoji, skins = [] }) => [emoji, ...skins.map((skin) => skin.emoji)]);
    const forms = new Set(kinds.map(({ form }) => form));
    expect(offered.length).toBeGreaterThan(3_500);
    expect(offered.filter((emoji) => !forms.has(emojiForm(emoji)))).toEqual([]);
  });

  it('of what was taken in before is what it looks like', () => {
    expect(emojiForm(`👍${spelled('E0067-E0062-E007F')}`)).toBe('👍');
    expect(emojiForm('no emoji')).toBe('no emoji');
  });
});

describe('what is no reaction', () => {
  it.each([
    '',
    'a',
    '1',
    '🇰',
    '👍👍',
    '👍 ',
    '❤\uFE0E',
    '👍\u200D',
    '🏽',
    '👍\uFE0F\uFE0F',
    `👍${spelled('E0067-E0062-E007F')}`,
    texas,
    `${england}${spelled('E007F')}`,
    '👨\u200D'.repeat(20) + '👨',
  ])('%j is refused', (text) => {
    expect(Emoji.safeParse(text).success).toBe(false);
  });
});

it('a person’s set of reactions has each that looks the same once', () => {
  const emojis = ['👍\uFE0F', '❤', '👍', '❤\uFE0F'];
  expect(ReactToMessage.parse({ ...message, emojis }).emojis).toEqual(['👍', '❤\uFE0F']);
});
