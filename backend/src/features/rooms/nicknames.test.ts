import { lookAlikeKey } from './look-alike.js';
import { namesFor, shownNickname } from './nicknames.js';

/** What somebody is called where these names are taken. */
function named(wish: Parameters<typeof namesFor>[0], ...taken: string[]): string {
  const keys = new Set(taken.map(lookAlikeKey));
  for (const { name, key } of namesFor(wish)) if (!keys.has(key)) return name;
  throw new Error('ran out of names');
}
const called = (nickname: string, ...taken: string[]): string =>
  named({ language: 'ko', nickname }, ...taken);

describe('the name of somebody without an account', () => {
  it('is the nickname, where nobody has it', () => {
    expect(called('홍길동')).toBe('홍길동');
    expect(called('  Alice   Kim ')).toBe('Alice Kim');
  });

  it('is 익명 or Anonymous where nothing of it can be seen, numbered from the second on', () => {
    for (const nothing of ['', '   ', '\u200b', '\u3164', '\u2800', '\u202e', '\u0000\u0007'])
      expect(called(nothing)).toBe('익명');
    expect(called('', '익명', '익명2')).toBe('익명3');
    expect(named({ language: 'en', nickname: '' })).toBe('Anonymous');
    expect(named({ language: 'en', nickname: '' }, 'Anonymous')).toBe('Anonymous2');
  });

  it.each([
    ['the same', 'alice'],
    ['another case', 'ALICE'],
    ['full width', 'ａｌｉｃｅ'],
    ['mathematical letters', '𝐚𝐥𝐢𝐜𝐞'],
    ['Cyrillic letters', 'аliсе'],
    ['Cyrillic letters, the i too', 'аӏісе'],
    ['Greek letters', 'αlicε'],
    ['letters of Lisu', 'ꓮꓡꓲꓚꓰ'],
    ['letters of Cherokee', 'ᎪᏞᎥᏟᎬ'],
    ['capitals that only look small', 'ᴀʟɪᴄᴇ'],
    ['letters in boxes', '🅰🅻🅸🅲🅴'],
    ['letters of flags', '🇦🇱🇮🇨🇪'],
    ['letters with a stroke', 'ałice'],
    ['a capital I for an l', 'aIice'],
    ['a one for an l', 'a1ice'],
    ['accents', 'álïcé'],
    ['a zero-width space', 'ali\u200bce'],
    ['a soft hyphen', 'ali\u00adce'],
    ['a direction override', '\u202ealice'],
    ['a space within', 'ali ce'],
    ['a full stop behind', 'alice.'],
  ])('is numbered where %s is taken', (_what, wanted) => {
    const name = called(wanted, 'alice');
    expect(name).not.toBe(wanted);
    expect(name).toMatch(/2$/);
    expect(name).not.toMatch(/\p{Default_Ignorable_Code_Point}/u);
  });

  it('is numbered for Korean names too, however they are put together', () => {
    expect(called('홍길동', '홍길동')).toBe('홍길동2');
    expect(called('홍길동'.normalize('NFD'), '홍길동')).toBe('홍길동2');
    expect(called('홍\u200b길동', '홍길동')).toBe('홍길동2');
    expect(called('홍길동2', '홍길동', '홍길동2')).toBe('홍길동22');
    expect(called('홍길순', '홍길동')).toBe('홍길순');
  });

  it('is free where an ordinary name of any script looks like no other one', () => {
    const names = [
      '이일',
      '일이',
      '山田一郎',
      '山田ー郎',
      'Иван',
      'Ивана',
      'Ελένη',
      'יוסף',
      'محمد',
      'สมชาย',
      'Աննա',
      'ნინო',
    ];
    for (const name of names) expect(called(name, ...names.filter((other) => other !== name))).toBe(name);
    // Kept in the database, and asked for by it: these may not change from one version to the next.
    expect(['Alice Kim', '홍길동', '山田一郎', 'ㅣㅇ'].map(lookAlikeKey)).toEqual([
      'allceklm',
      '홍길동',
      '山田一郎',
      'lo',
    ]);
  });

  it('loses characters that cannot be seen, even if nobody has the name', () => {
    expect(shownNickname('a\u200bd\u2066min\u202e', 'en')).toBe('admin');
  });

  it('may be made of signs alone, and is distinguished from others made of signs', () => {
    expect(called('!!')).toBe('!!');
    expect(called('!!', '??')).toBe('!!');
    expect(called('🐯', '🐰')).toBe('🐯');
  });

  it('is drawn in the language of the room, and then numbered where so many are taken', () => {
    expect(named({ language: 'ko', nickname: undefined })).toMatch(/^[가-힣]+ [가-힣]+$/);
    expect(named({ language: 'en', nickname: undefined })).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    const same = { language: 'en', nickname: undefined, random: () => 0 } as const;
    expect(named(same)).toBe('Brave Otter');
    expect(named(same, 'Brave Otter')).toBe('Brave Otter2');
  });
});
