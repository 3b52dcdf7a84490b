import { createAppStore } from '../../store/store';
import { alice, between, bob, conversationId } from '../../testing/people';
import { leftBehind } from './useLeftBehind';

const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsTold([between({ kind: 'group', name: 'Us' })]);
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
      { lane: conversationId, to: `/c/${conversationId}`, name: 'Us', text: 'too late' },
    ]);
    store.getState().messageDiscarded('too late');
    expect(left()).toEqual([]);
  });

  it('finds what they were writing there, too, and nothing where nothing was written', () => {
    const { store, left } = open();
    store.getState().conversationGone(conversationId);
    expect(left()).toEqual([]);
    store.getState().draftChanged(conversationId, { text: 'half a', replyTo: null });
    expect(left()).toMatchObject([{ lane: conversationId, text: 'half a' }]);
    store.getState().conversationsTold([between({ kind: 'group', name: 'Us' })]);
    expect(left()).toEqual([]);
  });
});

describe('somebody whose first words to a person were refused', () => {
  it('finds them again', () => {
    const { store, write, left } = open();
    store.getState().peopleTold([bob]);
    write('hello', bob._id);
    expect(left()).toEqual([]);
    store.getState().messageRefused('hello', { code: 'REFUSED', message: 'no' });
    expect(left()).toMatchObject([{ to: `/u/${bob._id}`, name: bob.fullName, text: 'hello' }]);
  });
});
