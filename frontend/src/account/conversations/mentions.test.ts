import { alice, between, bob, conversationId, said, timeOf, entryOf } from '@sori/client/testing';
import type { Conversation, Entry, Person } from '@sori/contract';
import { mentionableIn, mentionedIn } from './mentions';
import { createAppStore } from '../../session/appStore';

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
  mentionedIn(text, mentionableIn(conversation, { me: null, people, met: undefined })).map(({ start, end }) =>
    text.slice(start, end),
  );

describe('a mention', () => {
  it('is of somebody who is there, with what Korean puts behind a name left outside', () => {
    expect(named('@alice 안녕, @민지는 어때? @Alice!')).toEqual(['@alice', '@민지', '@Alice']);
  });

  it('is of nobody else, nor in an address of mail', () => {
    expect(named('@bob 는 없고 me@alice 도 아니고 @ali 도 아님')).toEqual([]);
  });

  it('is of nobody where two talk, nor in an open room, where the server stores none', () => {
    expect(named('@alice', between())).toEqual([]);
    expect(named('@alice', group({ kind: 'room' }))).toEqual([]);
  });

  describe('in a group too large to be told whole', () => {
    const member = (seq: number, change: 'joined' | 'left'): Entry => ({
      _id: String(seq).padStart(24, '0'),
      conversationId,
      seq,
      at: timeOf(seq),
      kind: 'member',
      senderId: bob._id,
      userIds: [bob._id],
      change,
    });
    const setUp = () => {
      const store = createAppStore();
      const known = () => {
        const { me, people: all, membersMet, conversations } = store.getState();
        const { conversation = group() } = conversations[conversationId] ?? {};
        const mentionable = mentionableIn(conversation, { me, people: all, met: membersMet[conversationId] });
        return [...mentionable.keys()];
      };
      store.getState().signedIn(minji);
      store
        .getState()
        .conversationsReceived([group({ members: group().members.slice(0, 1), memberCount: 200 })]);
      store.getState().peopleReceived([alice, bob]);
      const mentions = () => store.getState().conversations[conversationId]?.conversation.mentions;
      return { known, mentions, ...store.getState() };
    };

    it('is of those who are told, and of oneself, and of nobody who is only known from elsewhere', () => {
      expect(setUp().known()).toEqual(['alice', '민지']);
    });

    it('is of whom the server names as a member', () => {
      const { known, membersReceived } = setUp();
      membersReceived(conversationId, [bob]);
      expect(known()).toContain('bob');
    });

    it('is of who writes there or comes, until they leave', () => {
      for (const comes of [entryOf(said(1, bob)), member(1, 'joined')]) {
        const { known, entriesApplied } = setUp();
        entriesApplied(conversationId, [comes]);
        expect(known()).toContain('bob');
        entriesApplied(conversationId, [member(2, 'left')]);
        expect(known()).not.toContain('bob');
      }
    });

    it('counts for oneself, however late one came', () => {
      const { mentions, entriesApplied } = setUp();
      entriesApplied(conversationId, [entryOf(said(1, bob, { message: '@민지 @bob 안녕' }))]);
      expect(mentions()).toBe(1);
    });
  });
});
