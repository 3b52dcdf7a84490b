import type { Notice } from '@sori/client';
import type { Id, Person } from '@sori/contract';
import { chooseLanguage, i18n, startTranslations } from '../../i18n';
import { noticeWords } from './noticeWords';

const names = ['김민지', '이수아', '박산', 'Paul', 'Anna'];
const ids = names.map((_, index) => index.toString().repeat(24));
const people = Object.fromEntries(
  names.map((fullName, index): [Id, Person] => {
    const _id = ids[index] ?? '';
    return [_id, { _id, fullName, username: fullName, profilePic: '' }];
  }),
);
const [minji = '', sua = '', san = '', paul = '', anna = ''] = ids;

const base = { _id: 'f'.repeat(24), conversationId: 'c'.repeat(24), seq: 1, at: '2025-03-09T03:00:00.000Z' };
const member = (
  senderId: Id,
  change: Extract<Notice, { kind: 'member' }>['change'],
  userIds: Id[],
  role?: 'owner' | 'admin' | 'member',
): Notice => ({ ...base, kind: 'member', senderId, change, userIds, role });

const said = (language: 'ko' | 'en', notice: Notice, me: Id = anna): string => {
  startTranslations(language);
  chooseLanguage(language);
  return noticeWords(i18n.t, notice, { people, me });
};

describe('what happened to a group', () => {
  it.each<[Notice, string, string]>([
    [member(minji, 'added', [sua]), '김민지님이 이수아님을 초대했습니다', '김민지 added 이수아'],
    [member(minji, 'added', [anna]), '김민지님이 나를 초대했습니다', '김민지 added you'],
    [member(anna, 'added', [san]), '내가 박산님을 초대했습니다', 'You added 박산'],
    [
      member(minji, 'added', [sua, san, anna]),
      '김민지님이 나, 이수아님, 박산님을 초대했습니다',
      '김민지 added you, 이수아 and 박산',
    ],
    [
      member(minji, 'added', [sua, san, paul, anna]),
      '김민지님이 나, 이수아님, 박산님 외 1명을 초대했습니다',
      '김민지 added you, 이수아, 박산 and 1 other',
    ],
    [member(minji, 'joined', [minji], 'owner'), '김민지님이 그룹을 만들었습니다', '김민지 started the group'],
    [member(minji, 'removed', [sua]), '김민지님이 이수아님을 내보냈습니다', '김민지 removed 이수아'],
    [member(sua, 'left', [sua]), '이수아님이 나갔습니다', '이수아 left'],
    [member(anna, 'left', [anna]), '내가 나갔습니다', 'You left'],
    [
      member(minji, 'role', [anna], 'admin'),
      '김민지님이 나를 관리자로 정했습니다',
      '김민지 made you an admin',
    ],
    [
      { ...base, kind: 'title', senderId: minji, name: '점심' },
      '김민지님이 그룹 이름을 ‘점심’으로 바꿨습니다',
      '김민지 named the group “점심”',
    ],
    [
      { ...base, kind: 'title', senderId: anna, name: '회의' },
      '내가 그룹 이름을 ‘회의’로 바꿨습니다',
      'You named the group “회의”',
    ],
  ])('%# is said with the right particles in Korean, and in English', (notice, korean, english) => {
    expect(said('ko', notice)).toBe(korean);
    expect(said('en', notice)).toBe(english);
  });

  it('names nobody whose name is not known', () => {
    expect(said('en', member('e'.repeat(24), 'left', ['e'.repeat(24)]))).toBe('somebody left');
  });
});
