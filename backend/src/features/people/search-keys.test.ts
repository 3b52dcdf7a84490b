import fc from 'fast-check';
import { fold } from './hangul.js';
import { type NameSearch, nameSearch, searchKeysOf } from './search-keys.js';

const person = (fullName: string, username = 'somebody') => ({ fullName, username });

function searchFor(text: string): NameSearch {
  const search = nameSearch(text);
  if (search === null) throw new Error('There is nothing to look for');
  return search;
}

/** As the database does it: the keys narrow, then the names are looked at. */
function finds(text: string, who: { fullName: string; username: string }): boolean {
  const { keys, matches } = searchFor(text);
  const theirs = new Set(searchKeysOf(who).searchKeys);
  return keys.every((key) => theirs.has(key)) && matches(who);
}

describe('a search for people', () => {
  it.each([
    ['김민지', '김'],
    ['김민지', '민'],
    ['김민지', '민지'],
    ['김민지', '김민지'],
    ['김민지', 'ㄱ'],
    ['김민지', 'ㅁㅈ'],
    ['김민지', 'ㄱㅁㅈ'],
    ['김수', 'ㄱㅅ'],
    ['김수', 'ㄳ'],
    ['이산', '이'],
    ['이산', 'ㅅ'],
    ['그권리는', '권리'],
    ['남궁 민수', '궁 민'],
    ['까치', 'ㄲ'],
    ['ㅋㅋ', 'ㅋㅋ'],
    ['Alice Kim', 'a'],
    ['Alice Kim', 'ICE K'],
    ['Ａｌｉｃｅ', 'alice'],
    ['alice', 'ＡＬＩＣＥ'],
    ['Ｊｏé', 'joé'],
    ['Zoë', 'ZOË'],
    ['Zoë', 'zoe\u0308'],
    ['김민지', '민지'.normalize('NFD')],
    ['김민지'.normalize('NFD'), '민지'],
    ['ﾡￂ', '가'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧'],
    ['Иван', 'ИВАН'],
    ['Zoë', 'zoe'],
    ['Zoe', 'ZOË'],
    ['Zoë', 'zoe '],
    ['José Muñoz', 'jose munoz'],
    ['José Muñoz', 'JosÉMUÑ'],
    ['Łukasz Sørensen', 'lukasz sorensen'],
    ['Straße', 'strasse'],
    ['Đặng', 'dang'],
    ['Ίκαρος', 'ικαροσ'],
    ['Фёдор', 'федор'],
    ['مُحَمَّد', 'محمد'],
    ['남궁 민수', '궁민'],
    ['남궁민수', '남궁 민수'],
    ['남궁 민수', 'ㄱㅁ'],
    ['남궁민수', 'ㄱ ㅁ'],
    ['김민지', '김　민 지'],
    ['Alice Kim', 'icek'],
    ['Al​ice', 'alice'],
    ['Alice', '@ali'],
    ['Alice', ' ＠ALI'],
    ['@home', '@home'],
    ['김민지', '@ㅁㅈ'],
    ['ガス', 'ｶﾞｽ'],
    ['.*', '.*'],
    ['a\\b', '\\'],
    ['$where', '$where'],
    ['100%', '0%'],
    ['[x]', '[x]'],
    ['a^b', '^'],
  ])('finds %s by "%s"', (fullName, text) => {
    expect(finds(text, person(fullName))).toBe(true);
  });

  it.each([
    ['김민지', '기', 'the vowel is there'],
    ['김민지', '김ㅁ', 'the next consonant is there'],
    ['김민지', '김미', 'and its vowel'],
    ['기민', '김', 'the consonant still hangs on the syllable before'],
    ['갑수', '값', 'and two of them do'],
    ['과일', '고', 'half of the vowel is there'],
    ['김민지', 'ㄱ민', 'an initial before a whole syllable'],
    ['김민지', 'ㄱ미', 'an initial before a half one'],
  ])('finds %s while "%s" is being typed: %s', (fullName, text) => {
    expect(finds(text, person(fullName))).toBe(true);
  });

  it.each([
    ['김민지', '지민'],
    ['김민지', 'ㅈㅁ'],
    ['김민지', '긴'],
    ['김민지', '기ㅁ'],
    ['기민', '김민'],
    ['김민지', 'ㅣ'],
    ['alice', '.*'],
    ['alice', 'a.ice'],
    ['alice', '^'],
    ['alice', '$'],
    ['alice', 'alicea'],
    ['alice', 'ㅁ'],
    ['크크', '키'],
    ['Zoë', 'zoa'],
    ['ガス', 'カス'],
    ['alice', 'a@l'],
    ['alice', '@@'],
  ])('does not find %s by "%s"', (fullName, text) => {
    expect(finds(text, person(fullName))).toBe(false);
  });

  it('looks in user names as well, and never across the two', () => {
    expect(finds('min', person('김민지', 'MinJi.kim'))).toBe(true);
    expect(finds('.k', person('김민지', 'MinJi.kim'))).toBe(true);
    expect(finds('지min', person('김민지', 'minji'))).toBe(false);
  });

  const name = fc.string({
    unit: fc.constantFrom(...Array.from('김민지과값ㄱㅏaB1.İßΣé ｱ👍')),
    minLength: 1,
    maxLength: 12,
  });

  it('finds everybody by every part of their name', () => {
    fc.assert(
      fc.property(name, fc.nat(), fc.nat(), (fullName, from, length) => {
        const letters = Array.from(fold(fullName));
        const start = from % letters.length;
        const part = letters.slice(start, start + 1 + (length % letters.length)).join('');
        return part === '' || finds(part, person(fullName));
      }),
    );
  });

  it('loses nobody by narrowing: whose name matches has all the keys', () => {
    fc.assert(
      fc.property(name, name, (fullName, text) => {
        const search = nameSearch(text);
        if (search === null) return true;
        const { keys, matches } = search;
        const theirs = new Set(searchKeysOf(person(fullName)).searchKeys);
        return !matches(person(fullName)) || keys.every((key) => theirs.has(key));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['', ' ', '@', ' ＠ ', '\u0301', '\u200B'])('does not filter by %j', (text) => {
    expect(nameSearch(text)).toBeNull();
  });

  it('keeps few keys, also of the longest name there can be', () => {
    expect(searchKeysOf(person('김민지', 'minji')).searchKeys.length).toBeLessThan(40);
    expect(searchKeysOf(person('﷽'.repeat(50), 'a'.repeat(32))).searchKeys.length).toBeLessThan(1_300);
    expect(searchFor('the longest search that there can be'.repeat(2)).keys.length).toBeLessThanOrEqual(6);
  });
});
