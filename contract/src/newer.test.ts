import { Conversation } from './conversations.js';
import { AnyWireError, isErrorCode, WireError } from './errors.js';
import { ChangeRole, Member } from './groups.js';
import { Settings, SettingsChange } from './settings.js';
import { SessionEnd } from './sockets.js';

const id = 'a'.repeat(24);
const at = '2025-03-09T12:00:00.000Z';
const conversation = {
  _id: id,
  kind: 'group',
  participants: [],
  memberCount: 1,
  headSeq: 1,
  firstSeq: 1,
  lastActivityAt: at,
  unread: 0,
  mentions: 0,
  mutedUntil: null,
  members: [{ userId: id, role: 'owner', readSeq: 1, deliveredSeq: 1 }],
};

describe('what a newer server sends', () => {
  it('is read without what this version does not know', () => {
    const newer = {
      ...conversation,
      kind: 'channel',
      history: 'since-yesterday',
      language: 'fr',
      topic: 'Everything',
      lastMessage: { _id: id, poll: {} },
      members: [{ userId: id, role: 'moderator', readSeq: 1, deliveredSeq: 1, badge: 'new' }],
    };
    const parsed = Conversation.parse(newer);
    expect(parsed).toMatchObject({ kind: 'group', memberCount: 1 });
    expect(parsed.members).toEqual([{ userId: id, role: 'member', readSeq: 1, deliveredSeq: 1 }]);
    expect(parsed.history ?? parsed.language ?? parsed.lastMessage).toBeUndefined();
    expect(parsed).not.toHaveProperty('topic');
    const person = { _id: id, fullName: 'Minji', username: 'minji', profilePic: '' };
    expect(Member.parse({ ...person, role: 'moderator' }).role).toBe('member');
    expect(Settings.parse({ receipts: true, typing: true, language: 'fr', sounds: 'quiet' })).toEqual({
      receipts: true,
      typing: true,
      language: null,
    });
  });

  it('ends a session, also for a reason that this version does not know', () => {
    expect(SessionEnd.parse({ reason: 'moved' })).toEqual({ reason: 'expired' });
  });

  it('may be an error with a code of its own', () => {
    const error = { error: 'Not in this country', code: 'ELSEWHERE' };
    expect(AnyWireError.parse(error)).toEqual(error);
    expect(WireError.safeParse(error).success).toBe(false);
    expect(['ELSEWHERE', 'toString', 'BUSY'].map(isErrorCode)).toEqual([false, false, true]);
  });
});

it('an unknown value in a request is refused, not guessed', () => {
  expect(ChangeRole.safeParse({ role: 'moderator' }).success).toBe(false);
  expect(SettingsChange.safeParse({ language: 'fr' }).success).toBe(false);
});
