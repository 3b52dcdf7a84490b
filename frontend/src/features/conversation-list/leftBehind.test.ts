import { alice, between, bob, conversationId } from '@sori/client/testing';
import { draftMarks, keepDrafts } from '../../account/drafts/draftsStorage';
import { keepEdits } from '../../account/edits/editsStorage';
import { createAppStore } from '../../session/appStore';
import { leftBehind } from './useLeftBehind';

const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between({ kind: 'group', name: 'Us' })]);
  const write = (text: string, lane: string = conversationId) =>
    store.getState().messageWritten({
      clientId: text,
      to: lane,
      lane,
      text,
      queuedAt: '2025-03-09T03:00:00.000Z',
    });
  return { store, write, left: () => leftBehind(store.getState()) };
};

describe('somebody who was removed from a group', () => {
  it('finds what was not sent there, under the name of the group, until it is thrown away', () => {
    const { store, write, left } = open();
    write('too late');
    expect(left()).toEqual([]);
    store.getState().conversationGone(conversationId);
    // Told once more, say by the list: the name is not forgotten.
    store.getState().conversationGone(conversationId);
    expect(left()).toEqual([
      { lane: conversationId, to: `/c/${conversationId}`, name: 'Us', text: 'too late', failed: true },
    ]);
    store.getState().messageDiscarded('too late');
    expect(left()).toEqual([]);
  });

  it('finds what they were writing there, too, and nothing where nothing was written', () => {
    const { store, left } = open();
    store.getState().conversationGone(conversationId);
    expect(left()).toEqual([]);
    store.getState().draftChanged(conversationId, { text: 'half a', replyTo: null });
    expect(left()).toMatchObject([{ lane: conversationId, text: 'half a', failed: false }]);
    store.getState().conversationsReceived([between({ kind: 'group', name: 'Us' })]);
    expect(left()).toEqual([]);
  });
});

describe('somebody whose page is opened again after a conversation is gone', () => {
  beforeEach(() => localStorage.clear());

  /** The page as this device keeps it: nothing is known of where that conversation went. */
  const reopen = () => {
    const store = createAppStore();
    store.getState().signedIn(alice);
    const ends = [keepDrafts(store, alice._id, () => undefined), keepEdits(store, alice._id)];
    const close = () => ends.forEach((end) => end());
    return { store, close, left: () => leftBehind(store.getState()) };
  };

  it('finds what they were writing there until they throw it away, and no draft to a person', () => {
    const before = reopen();
    before.store.getState().draftChanged(conversationId, { text: 'half a', replyTo: null });
    draftMarks(alice._id).write(conversationId, { rev: 1, saved: false, refused: true });
    before.store.getState().draftChanged(bob._id, { text: 'hello', replyTo: null });
    before.close();
    const { store, left, close } = reopen();
    expect(left()).toEqual([
      { lane: conversationId, to: `/c/${conversationId}`, name: '', text: 'half a', failed: false },
    ]);
    store.getState().draftChanged(conversationId, { text: '', replyTo: null });
    expect(left()).toEqual([]);
    close();
  });

  it('finds what they were changing there, and nothing where they changed nothing or are back', () => {
    const before = reopen();
    const edit = { messageId: 'm', text: 'said', before: 'said' };
    before.store.getState().editBegan(conversationId, edit);
    expect(before.left()).toEqual([]);
    before.store.getState().editChanged(conversationId, 'm', { text: 'said better' });
    before.close();
    const { store, left, close } = reopen();
    expect(left()).toMatchObject([{ lane: conversationId, text: 'said better' }]);
    store.getState().conversationsReceived([between({ kind: 'group', name: 'Us' })]);
    expect(left()).toEqual([]);
    close();
  });
});

describe('somebody who left a group by themselves', () => {
  it('is not reminded of what they were writing there, but of what they sent and nobody got', () => {
    const { store, write, left } = open();
    store.getState().draftChanged(conversationId, { text: 'half a', replyTo: null });
    store.getState().conversationGone(conversationId);
    store.getState().goneByOneself(conversationId);
    expect(left()).toEqual([]);
    write('too late');
    store.getState().messageRefused('too late', { code: 'NOT_FOUND', message: 'no' });
    expect(left()).toMatchObject([{ to: `/c/${conversationId}`, text: 'too late', failed: true }]);
  });
});

describe('somebody whose first words to a person were refused', () => {
  it('finds them again', () => {
    const { store, write, left } = open();
    store.getState().peopleReceived([bob]);
    write('hello', bob._id);
    expect(left()).toEqual([]);
    store.getState().messageRefused('hello', { code: 'REFUSED', message: 'no' });
    expect(left()).toMatchObject([{ to: `/u/${bob._id}`, name: bob.fullName, text: 'hello' }]);
  });

  it('finds them again at that person, also after a reload, when nobody has told who they are', () => {
    const { store, write, left } = open();
    const stranger = 'd'.repeat(24);
    write('hello', stranger);
    store.getState().messageRefused('hello', { code: 'REFUSED', message: 'no' });
    expect(left()).toMatchObject([{ to: `/u/${stranger}`, text: 'hello' }]);
  });
});
