import { alice, between } from '@sori/client/testing';
import type { Person } from '@sori/contract';
import type { ConversationRow } from '../conversations/conversationRows';
import { ownMatches } from './ownMatches';

const minji: Person = { _id: 'd'.repeat(24), fullName: '김민지', username: 'minji.kim', profilePic: '' };
const row = (kind: 'direct' | 'group' | 'room', name: string): ConversationRow => ({
  id: name,
  conversation: between({ kind }),
  peer: null,
  noteToSelf: false,
  name,
  preview: null,
  at: '',
  unread: 0,
  unreadMore: false,
  mentions: 0,
  muted: false,
  draft: null,
});
const rows = [row('group', '점심 모임'), row('room', 'Café'), row('direct', 'Alice')];
const groupsFor = (query: string) => ownMatches(query, minji, rows).groups.map(({ name }) => name);

describe('a search', () => {
  it.each(['김민지', '민지', 'ㅁㅈ', '김 민지', 'MINJI', '@minji', '＠민지'])(
    'finds oneself by one’s own name: %s',
    (query) => expect(ownMatches(query, minji, rows).me).toBe(minji),
  );

  it('does not find oneself by another name, nor while nobody is signed in', () => {
    expect(ownMatches('민수', minji, rows).me).toBeNull();
    expect(ownMatches('alice', null, rows).me).toBeNull();
    expect(ownMatches('alice', alice, rows).me).toBe(alice);
  });

  it('finds the groups and rooms that one is in, and leaves the people to the server', () => {
    expect(groupsFor('모임')).toEqual(['점심 모임']);
    expect(groupsFor('ㅈㅅㅁ')).toEqual(['점심 모임']);
    expect(groupsFor('cafe')).toEqual(['Café']);
    expect(groupsFor('alice')).toEqual([]);
    expect(groupsFor('.*')).toEqual([]);
  });
});
