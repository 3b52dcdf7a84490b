import { alice, between, bob, conversationId } from '@sori/client/testing';
import { writeInOtherTab } from '../../testing/otherTab';
import { draftMarks, forgetDrafts, forgetSavedDrafts, keepDrafts } from './draftsStorage';
import { createAppStore } from '../../session/appStore';

const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  const changed: string[] = [];
  const stop = keepDrafts(store, alice._id, (key) => changed.push(key));
  const textTo = (key: string) => store.getState().drafts[key]?.text ?? '';
  return { store, changed, stop, textTo };
};

describe('a draft on this device', () => {
  beforeEach(() => localStorage.clear());

  it('is not put back as it was by a tab that hears late of what another one goes on writing', () => {
    const tab = open();
    const other = writeInOtherTab(alice._id, conversationId);
    for (const text of ['h', 'he', 'hello']) other.writes(text);
    const kept = other.has();
    other.isReceived(2);
    expect(tab.textTo(conversationId)).toBe('he');
    expect(other.has()).toBe(kept);
    other.writes('');
    other.isReceived(1);
    expect(tab.textTo(conversationId)).toBe('hello');
    expect(other.has()).toBeNull();
    other.isReceived(1);
    expect(tab.textTo(conversationId)).toBe('');
    expect(tab.changed).toEqual([]);
    tab.stop();
  });

  it('that was heard of from another tab is this one’s when it is changed here', () => {
    const tab = open();
    const other = writeInOtherTab(alice._id, conversationId);
    other.writes('hello');
    other.isReceived(1);
    tab.store.getState().draftChanged(conversationId, { text: 'hello you', replyTo: null });
    expect(other.has()).toContain('hello you');
    expect(tab.changed).toEqual([conversationId]);
    tab.stop();
  });

  it('to a person goes on in the conversation that came to be', () => {
    const tab = open();
    tab.store.getState().draftChanged(bob._id, { text: 'hello', replyTo: null });
    tab.store.getState().conversationsReceived([between()]);
    expect(tab.textTo(conversationId)).toBe('hello');
    expect(localStorage.getItem(`sori:draft:${alice._id}:${conversationId}`)).toContain('hello');
    tab.stop();
  });

  it('to a person does not take the place of what lies there, nor give way to it', () => {
    localStorage.setItem(
      `sori:draft:${alice._id}:${conversationId}`,
      JSON.stringify({ text: 'from yesterday', replyTo: null }),
    );
    const tab = open();
    tab.store.getState().draftChanged(bob._id, { text: 'hello', replyTo: null });
    tab.store.getState().conversationsReceived([between()]);
    expect(tab.textTo(conversationId)).toBe('from yesterday\nhello');
    expect(tab.textTo(bob._id)).toBe('');
    tab.stop();
  });

  it('goes with who logs out where the server has it, and waits for them where it has not', () => {
    const tab = open();
    const marks = draftMarks(alice._id);
    for (const key of ['saved', 'refused', 'unasked'])
      tab.store.getState().draftChanged(key, { text: key, replyTo: null });
    tab.stop();
    marks.write('saved', { rev: 1, saved: true });
    marks.write('refused', { rev: 1, saved: false, refused: true });
    forgetSavedDrafts(alice._id);
    const again = open();
    expect(Object.keys(again.store.getState().drafts).sort()).toEqual(['refused', 'unasked']);
    again.stop();
    forgetDrafts(alice._id);
    expect(localStorage).toHaveLength(0);
  });

  it('to a person, of another tab, is taken there by that tab: it may have been sent', () => {
    const tab = open();
    const other = writeInOtherTab(alice._id, bob._id);
    other.writes('hello');
    other.writes('');
    other.isReceived(1);
    tab.store.getState().conversationsReceived([between()]);
    expect(localStorage.getItem(`sori:draft:${alice._id}:${conversationId}`)).toBeNull();
    other.isReceived(1);
    expect(tab.store.getState().drafts).toEqual({});
    tab.stop();
  });

  it('is said to be kept only where all of them are: one that the browser did not take is not made up for by another', () => {
    const tab = open();
    const write = (key: string, text: string) =>
      tab.store.getState().draftChanged(key, { text, replyTo: null });
    const unkept = () => [...tab.store.getState().unkept];
    const full = jest.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    write(conversationId, 'a long one');
    full.mockRestore();
    write(bob._id, 'short');
    expect(unkept()).toEqual(['drafts']);
    write(bob._id, '');
    expect(unkept()).toEqual(['drafts']);
    // Sent, or thrown away: nothing is left that could be lost.
    write(conversationId, '');
    expect(unkept()).toEqual([]);
    tab.stop();
  });

  it('goes on being written where the browser is full, says so, and does not leave an older one behind', () => {
    const tab = open();
    tab.store.getState().draftChanged(conversationId, { text: 'hello', replyTo: null });
    const full = jest.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    tab.store.getState().draftChanged(conversationId, { text: 'hello you', replyTo: null });
    expect(tab.textTo(conversationId)).toBe('hello you');
    expect([...tab.store.getState().unkept]).toEqual(['drafts']);
    expect(localStorage.getItem(`sori:draft:${alice._id}:${conversationId}`)).toBeNull();
    full.mockRestore();
    tab.store.getState().draftChanged(conversationId, { text: 'hello you all', replyTo: null });
    expect([...tab.store.getState().unkept]).toEqual([]);
    expect(localStorage.getItem(`sori:draft:${alice._id}:${conversationId}`)).toContain('hello you all');
    tab.stop();
  });
});
