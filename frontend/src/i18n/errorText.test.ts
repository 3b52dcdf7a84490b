import { ApiError } from '@sori/client';
import { refusalReasons } from '@sori/contract';
import { i18n, startTranslations } from '.';
import { errorText } from './errorText';

const say = (error: ApiError) => errorText(i18n.t, error);

describe('somebody whom a rule says no to', () => {
  it.each([
    ['en', 'This account is suspended. Please ask whoever runs this server.'],
    ['ko', '정지된 계정이에요. 서버 관리자에게 문의해 주세요.'],
  ] as const)('is told which one, in the language of the page (%s)', (language, words) => {
    startTranslations(language);
    expect(
      say(new ApiError('REFUSED', 'This account is suspended', { details: { reason: 'suspended' } })),
    ).toBe(words);
    const all = refusalReasons.map((reason) => say(new ApiError('REFUSED', '', { details: { reason } })));
    expect(new Set(all).size).toBe(refusalReasons.length);
  });

  it('is told in Korean, too, why they cannot react to, edit or pin a message', () => {
    startTranslations('ko');
    const details = { reason: 'unchangeable' };
    expect(say(new ApiError('REFUSED', 'This message cannot be changed', { details }))).toBe(
      '이 메시지는 바꿀 수 없어요.',
    );
  });

  it('reads the server’s own sentence where the page has no words for it', () => {
    startTranslations('ko');
    for (const details of [undefined, null, 'x', {}, { reason: 'newer than this page' }])
      expect(say(new ApiError('REFUSED', 'Not on Sundays', { details }))).toBe('Not on Sundays');
    expect(say(new ApiError('REFUSED', ''))).toBe('지금은 할 수 없어요.');
  });

  it('reads what the page says of everything else', () => {
    startTranslations('en');
    expect(say(new ApiError('FORBIDDEN', 'Only admins'))).toBe('You are not allowed to do that.');
  });
});
