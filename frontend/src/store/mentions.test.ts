import type { Conversation, Person } from '@sori/contract';
import { alice, between, bob } from '../testing/people';
import { mentionableIn, mentionedIn } from './mentions';

const minji: Person = { _id: 'd'.repeat(24), fullName: '김민지', username: '민지', profilePic: '' };
const people = Object.fromEntries([alice, bob, minji].map((person) => [person._id, person]));
const group = (more: Partial<Conversation> = {}): Conversation =>
  between({
    kind: 'group',
    memberCount: 2,
    members: [alice, minji].map(({ _id }) => ({ userId: _id, role: 'member', readSeq: 0, deliveredSeq: 0 })),
    ...more,
  });
const named = (text: string, conversation = group()) =>
  mentionedIn(text, mentionableIn(conversation, people)).map(({ start, end }) => text.slice(start, end));

describe('a mention', () => {
  it('is of somebody who is there, with what Korean puts behind a name left outside', () => {
    expect(named('@alice 안녕, @민지는 어때? @Alice!')).toEqual(['@alice', '@민지', '@Alice']);
  });

  it('is of nobody else, nor in an address of mail', () => {
    expect(named('@bob 는 없고 me@alice 도 아니고 @ali 도 아님')).toEqual([]);
  });

  it('is of nobody where two talk', () => {
    expect(named('@alice', between())).toEqual([]);
  });

  it('is of whoever is known in a group too large to be told whole', () => {
    expect(named('@bob', group({ memberCount: 200 }))).toEqual(['@bob']);
  });
});
