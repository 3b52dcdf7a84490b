import { chooseLanguage, i18n, initialLanguage, startTranslations } from '.';
import { en } from './en';
import { ko } from './ko';
import { particleFor } from './particles';

describe('the language of the page', () => {
  it('is what the address asks for', () => {
    expect(initialLanguage('?lang=ko', 'en', ['en-GB'])).toBe('ko');
    expect(initialLanguage('?x=1&lang=en', null, ['ko-KR'])).toBe('en');
  });

  it('is what the person chose before, else what the browser prefers, else English', () => {
    expect(initialLanguage('?lang=fr', 'ko', ['en'])).toBe('ko');
    expect(initialLanguage('', null, ['fr-FR', 'ko-KR', 'en'])).toBe('ko');
    expect(initialLanguage('', null, ['fr'])).toBe('en');
  });

  it('changes at once', () => {
    startTranslations('en');
    expect(i18n.t('login.submit')).toBe('Log in');
    chooseLanguage('ko');
    expect(i18n.t('login.submit')).toBe('로그인');
    expect(document.documentElement.lang).toBe('ko');
  });

  it('has every sentence in both languages', () => {
    for (const [group, sentences] of Object.entries(en)) {
      const korean: Record<string, string> = { ...ko[group as keyof typeof ko] };
      for (const key of Object.keys(sentences).filter((name) => !name.endsWith('_one')))
        expect([`${group}.${key}`, typeof korean[key]]).toEqual([`${group}.${key}`, 'string']);
    }
  });

  it('calls a thing by one name, in the settings and where it says no', () => {
    for (const [setting, ...refusals] of [
      [ko.room.slowMode, ko.room.slowRefused_other, ko.room.slowWait_other, ko.refused.slowMode],
      [en.room.slowMode, en.room.slowRefused_other, en.room.slowWait_other, en.refused.slowMode],
      [en.room.kick.toLowerCase(), en.room.deleteHint, en.room.kickedTitle],
    ])
      for (const refusal of refusals) expect(refusal).toContain(setting);
  });

  it('counts as each language does', () => {
    startTranslations('en');
    expect(i18n.t('conversation.newMessages', { count: 1 })).toBe('1 new message');
    expect(i18n.t('conversation.newMessages', { count: 2 })).toBe('2 new messages');
    chooseLanguage('ko');
    expect(i18n.t('conversation.newMessages', { count: 1 })).toBe('새 메시지 1개');
  });

  it('gives Korean names the particle that they want', () => {
    startTranslations('ko');
    expect(i18n.t('fault.usernameTaken', { username: '이산' })).toContain('‘이산’은 ');
    expect(i18n.t('fault.usernameTaken', { username: '민지' })).toContain('‘민지’는 ');
    expect(i18n.t('conversation.label', { name: '김민지' })).toBe('김민지와의 대화');
    expect(i18n.t('conversation.label', { name: '이산' })).toBe('이산과의 대화');
  });
});

describe('a name that is written from right to left', () => {
  it('does not turn the sentence around it, and may bring no marks of its own that would', () => {
    startTranslations('en');
    expect(i18n.t('row.by', { name: 'דנה' })).toBe('\u2068דנה\u2069:');
    expect(i18n.t('composer.replyTo', { name: 'a\u202eb\u2069' })).toBe('Reply to \u2068a\u202eb\u2069');
    startTranslations('ko');
    expect(i18n.t('conversation.label', { name: 'دانا' })).toBe('\u2068دانا\u2069와의 대화');
  });

  it('is itself among others, in a sentence within a sentence', () => {
    startTranslations('en');
    const names = [i18n.t('notice.person', { name: 'דנה' }), 'Bob'].join(', ');
    expect(i18n.t('notice.and', { names, last: 'دانا\u2067' })).toBe(
      '\u2068\u2068דנה\u2069, Bob\u2069 and \u2068دانا\u2067\u2069\u2069',
    );
  });

  it('is the only one to which anything is added', () => {
    startTranslations('en');
    for (const name of ['김민지', 'José <b>', 'Ελένη & co'])
      expect(i18n.t('composer.replyTo', { name })).toBe(`Reply to ${name}`);
  });
});

describe('a Korean particle', () => {
  it.each([
    ['책', '을'],
    ['나무', '를'],
    ['3', '을'],
    ['2', '를'],
    ['Paul', '을'],
    ['Anna', '를'],
    ['Tom (작업용)', '을'],
    ['!?', '를'],
  ])('after %s is %s', (word, particle) => expect(particleFor(word, '을를')).toBe(particle));

  it('treats a final ㄹ as a vowel before 로', () => {
    expect(particleFor('서울', '으로로')).toBe('로');
    expect(particleFor('부산', '으로로')).toBe('으로');
    expect(particleFor('제주', '으로로')).toBe('로');
  });
});
