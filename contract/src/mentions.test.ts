import fc from 'fast-check';
import { addressesIn, foldUsername, limits, mentionPlaces, mentionsIn } from './index.js';

const mentioned = (text: string, members: readonly string[]): string[] => {
  const named = new Set(members.map(foldUsername));
  return mentionsIn(mentionPlaces(text), (name) => (named.has(name) ? name : undefined)).map(
    ({ start, end, who }) => {
      // What is shown as a mention is the name that is meant, as it was written.
      expect(foldUsername(text.slice(start + 1, end).replace(/\p{Default_Ignorable_Code_Point}/gu, ''))).toBe(
        who,
      );
      return who;
    },
  );
};

const members = [
  'alice',
  'al',
  'al.ice',
  'kim2',
  '12',
  '__',
  'dot.',
  'иван',
  'νίκος',
  'ΟΔΟΣ',
  '민지',
  '민지수',
  '민지2',
].concat([
  'さくら',
  'コーヒー',
  '王明',
  'café',
  'สมชาย'.replace(/\p{M}/gu, ''),
  'x'.repeat(limits.usernameMax),
]);

describe('a mention', () => {
  it.each([
    ['@alice', ['alice']],
    ['hello @alice!', ['alice']],
    ['＠alice', ['alice']],
    ['@ALICE and @ａｌｉｃｅ', ['alice', 'alice']],
    ['(@alice) "@alice" *@alice* _@alice_ -@alice- .@alice', Array<string>(6).fill('alice')],
    ['@alice. @alice… @alice... @alice- @alice_', Array<string>(5).fill('alice')],
    ['@alice’s @alice:hi @alice/@al', ['alice', 'alice', 'alice', 'al']],
    [`@${'x'.repeat(limits.usernameMax)}`, ['x'.repeat(limits.usernameMax)]],
    ['and\n@alice\n', ['alice']],
    ['👍@alice👍', ['alice']],
    ['1\uFE0F⃣@alice', ['alice']],
  ])('is an at sign and a name: %s', (text, who) => expect(mentioned(text, members)).toEqual(who));

  it.each([
    ['@민지야 안녕', ['민지']],
    ['@민지님이랑 @민지수랑', ['민지', '민지수']],
    ['@alice님은요', ['alice']],
    ['@alice가', ['alice']],
    ['@alice_님', ['alice']],
    ['@alice...정말?', ['alice']],
    ['안녕@alice님', ['alice']],
    ['안녕@민지야', ['민지']],
    ['안녕＠민지야', ['민지']],
    ['@민지ok', ['민지']],
    ['@민지3번', ['민지']],
    ['@민지2는', ['민지2']],
    ['@민지2ok', ['민지2']],
    ['@민지23', ['민지']],
    ['@kim2님', ['kim2']],
    ['@12번', ['12']],
    ['@__님', ['__']],
    ['@민지ㅋㅋㅋ', ['민지']],
    ['@さくらさん', ['さくら']],
    ['見て@さくらさん', ['さくら']],
    ['@aliceさん、', ['alice']],
    ['@aliceー', ['alice']],
    ['@コーヒーと', ['コーヒー']],
    ['@コーヒーok', ['コーヒー']],
    ['@ｺｰﾋｰ', ['コーヒー']],
    ['你好@王明你看', ['王明']],
    ['@alice你看', ['alice']],
    ['@王明x', ['王明']],
  ])('needs no spaces in Korean, Chinese and Japanese: %s', (text, who) =>
    expect(mentioned(text, members)).toEqual(who),
  );

  it.each([
    ['@иван, @Иван!', ['иван', 'иван']],
    ['@иванx', ['иван']],
    ['@aliceи', ['alice']],
    ['@νίκος.', ['νίκος']],
    ['@ΟΔΟΣ @οδος', ['οδος', 'οδος']],
    ['@cafe\u0301 @café', ['café', 'café']],
    ['@민지'.normalize('NFD'), ['민지']],
    ['@\u200Bali\u2060ce\uFE0F ', ['alice']],
    ['שלום@alice', ['alice']],
    ['@aliceשלום', ['alice']],
  ])('may be in any script, and written in any way that reads the same: %j', (text, who) =>
    expect(mentioned(text, members)).toEqual(who),
  );

  it.each([
    'a@alice',
    'é@alice',
    'e\u0301@alice',
    'a\u200B@alice',
    'ж@alice',
    'ω@alice',
    '1@alice',
    '１@alice',
    'ａ@alice',
    'me@alice.com',
    'first.last@al',
    '홍길동@alice.com',
    '@alicex',
    '@alice1',
    '@alice１',
    '@alicé',
    '@alice\u0301',
    '@alice\u200Bx',
    '@alice.com',
    '@alice_x',
    '@alice-.-x',
    '@alice.2',
    '@иванж',
    '@иван.ж',
    '@kim22',
    '@kim2x',
    '@kim2_x',
    '@12a',
    '@12ж',
    '@123',
    '@12.3',
    '@__a',
    '@ alice',
    '@nobody',
    '@ㅁㅣ',
    '@민',
    '﹫alice',
    `@${'x'.repeat(limits.usernameMax + 1)}`,
  ])('is not what reads as part of a word, nor half a name: %j', (text) =>
    expect(mentioned(text, members)).toEqual([]),
  );

  it.each([
    'https://x.kr/@alice',
    'https://x.kr/@alice님',
    'https://x.kr/@민지야',
    'https://x.kr/a,@alice',
    'http://.@alice@x.kr',
    'https://x.kr/?to=@alice&cc=@al',
    'www.x.kr/@alice',
    'mailto:.@alice',
    'youtube.com/@alice',
    'https://youtube.com/@alice',
    '유튜브는youtube.com/@alice/videos',
    'x.kr:8080/a/@alice?b=@al',
  ])('is not in an address: %s', (text) => expect(mentioned(text, members)).toEqual([]));

  it.each([
    ['https://x.kr @alice', ['alice']],
    ['https://x.kr/a。@alice', ['alice']],
    ['(https://x.kr/a)@alice', ['alice']],
    ['@alice https://x.kr/@al', ['alice']],
    ['@alice/@al/12', ['alice', 'al']],
    ['@al.ice/@al', ['al.ice', 'al']],
    ['@민지https://x.kr/@alice', ['민지']],
  ])('may stand beside an address: %s', (text, who) => expect(mentioned(text, members)).toEqual(who));

  it('does not reach into an address', () => expect(mentioned('@https://x.kr', ['https'])).toEqual([]));

  it.each([
    ['@al.ice', ['al.ice']],
    ['@al.', ['al']],
    ['@dot.', ['dot.']],
    ['@dot. And', ['dot.']],
    ['@dot.x', []],
    ['@민지수', ['민지수']],
    ['@민지수2', ['민지수']],
  ])('is of the longest name that fits: %s', (text, who) => expect(mentioned(text, members)).toEqual(who));

  it.each([
    ['@alice@al', ['alice', 'al']],
    ['@alice\u200B@al', ['alice', 'al']],
    ['@cafe\u0301@al', ['café', 'al']],
    ['@민지@alice@12@__', ['민지', 'alice', '12', '__']],
    ['x@alice@al', []],
    ['@nobody@al', []],
    ['@alice.@al', ['alice', 'al']],
    ['@@alice', ['alice']],
  ])('may stand right behind another one: %j', (text, who) => expect(mentioned(text, members)).toEqual(who));

  it('is found behind any number of others', () => {
    expect(mentioned(`${'@alice '.repeat(1_000)}@al`, members).at(-1)).toBe('al');
    const crowd = Array.from({ length: 400 }, (_, index) => `@사람${index}`);
    expect(mentioned(`${crowd.join(' ')} @al`, members)).toEqual(['al']);
  });
});

it('is not looked for among more names than a text can call', () => {
  const syllables = Array.from({ length: 7_500 }, (_, index) => String.fromCharCode(0xac00 + index)).join('');
  const wall = syllables.replace(/.{32}/g, '@$& ');
  const names = mentionPlaces(wall).flatMap(({ candidates }) => candidates);
  expect(names.length).toBeGreaterThan(1_900);
  expect(names.length).toBeLessThanOrEqual(2_000);
});

/** The rule as it is written down, letter by letter, for texts without anything that is written in two ways. */
function slowly(text: string, named: ReadonlySet<string>): [number, number][] {
  const scripts = { latin: /[a-z]/i, cyrillic: /[а-я]/i, greek: /[α-ω]/i };
  const scriptOf = (letter: string) => Object.entries(scripts).find(([, script]) => script.test(letter))?.[0];
  const isLetter = (character: string) => /\p{L}/u.test(character);
  const isAsian = (character: string) => /[가-힣ぁ-ゖァ-ヺ一-龥]/.test(character);
  const holds = (name: string, rest: string): boolean => {
    const lastLetter = Array.from(name).reverse().find(isLetter);
    const places = [rest.charAt(0), rest.replace(/^[._-]+/, '').charAt(0)];
    if (isAsian(name.slice(-1)) || places.some(isAsian)) return true;
    return places.every(
      (character) =>
        !/\d/.test(character) &&
        !(isLetter(character) && (lastLetter === undefined || scriptOf(character) === scriptOf(lastLetter))),
    );
  };
  const found: [number, number][] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (!'@＠'.includes(text.charAt(at))) continue;
    if (addressesIn(text).some(({ start, end }) => start <= at && at < end)) continue;
    if (/[a-zа-яα-ω\d]/i.test(text.charAt(at - 1)) && found.at(-1)?.[1] !== at) continue;
    for (let end = text.length; end > at + 1; end -= 1) {
      const name = text.slice(at + 1, end);
      if (!named.has(foldUsername(name)) || !holds(name, text.slice(end))) continue;
      found.push([at, end]);
      break;
    }
  }
  return found;
}

it('is what the rule says, letter by letter, for any text and any members', () => {
  const names = fc
    .array(fc.constantFrom('a', 'b', 'ж', 'α', '민', '지', 'さ', '王', '1', '.', '_', '-'), {
      minLength: 2,
      maxLength: 4,
    })
    .map((characters) => characters.join(''));
  const between = fc.constantFrom(
    ...[
      '@',
      '@',
      '@',
      '＠',
      'a',
      'A',
      'b',
      'ж',
      'α',
      '민',
      '지',
      '님',
      'さ',
      '王',
      '1',
      '.',
      '_',
      '-',
      ' ',
      '!',
      '/',
      'https://a.kr/',
    ],
  );
  const property = fc.property(
    fc.array(names, { maxLength: 5 }),
    fc.array(fc.oneof(between, fc.nat())),
    (members, parts) => {
      const text = parts
        .map((part) =>
          typeof part === 'string' ? part : `@${members[part % Math.max(1, members.length)] ?? ''}`,
        )
        .join('');
      const named = new Set(members.map(foldUsername));
      const found = mentionsIn(mentionPlaces(text), (name) => (named.has(name) ? name : undefined));
      expect(found.map(({ start, end }) => [start, end])).toEqual(slowly(text, named));
    },
  );
  fc.assert(property, { numRuns: 3_000 });
});
