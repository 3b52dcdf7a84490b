import { alice, between, conversationId, said } from '@sori/client/testing';
import { forgetEdits, forgetUntouchedEdits, keepEdits } from './editsStorage';
import { createAppStore } from '../../session/appStore';

const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  const stop = keepEdits(store, alice._id);
  store.getState().conversationsReceived([between()]);
  const edits = () => store.getState().edits[conversationId] ?? [];
  const begin = (seq: number, text: string) =>
    store.getState().editBegan(conversationId, { messageId: said(seq)._id, text, before: text });
  const write = (seq: number, text: string) =>
    store.getState().editChanged(conversationId, said(seq)._id, { text });
  const refuse = (seq: number, text: string) =>
    store.getState().editRefused({
      clientId: 'c',
      conversationId,
      messageId: said(seq)._id,
      change: { kind: 'edit', text },
      askedAt: said(seq).createdAt,
    });
  return { store, stop, edits, begin, write, refuse };
};

describe('an edit under way', () => {
  beforeEach(() => localStorage.clear());

  it('is there again after a reload: its text, and which message it is about', () => {
    const page = open();
    page.begin(3, 'helo');
    page.write(3, 'hello');
    page.stop();
    const again = open();
    expect(again.edits()).toEqual([{ messageId: said(3)._id, text: 'hello', before: 'helo' }]);
    again.store.getState().editEnded(conversationId, said(3)._id);
    again.stop();
    expect(open().edits()).toEqual([]);
  });

  it('is not lost by beginning another one, nor by beginning it again', () => {
    const page = open();
    page.begin(3, 'helo');
    page.write(3, 'hello');
    page.begin(4, 'untouched');
    page.begin(5, 'wrld');
    page.write(5, 'world');
    page.begin(3, 'helo');
    expect(page.edits().map(({ text }) => text)).toEqual(['world', 'hello']);
    page.stop();
  });

  it('comes back where the server refuses it, behind what is being written by then', () => {
    const page = open();
    page.refuse(3, 'hello');
    expect(page.edits().map(({ text }) => text)).toEqual(['hello']);
    page.begin(5, 'wrld');
    page.write(5, 'world');
    page.refuse(4, 'there');
    page.refuse(5, 'an older try');
    expect(page.edits().map(({ text }) => text)).toEqual(['there', 'hello', 'world']);
    page.stop();
    expect(open().edits()).toHaveLength(3);
  });

  it('is the account’s other tabs’, too', () => {
    const page = open();
    const row = `sori:edit:${alice._id}:${conversationId}`;
    const value = JSON.stringify([{ messageId: said(3)._id, text: 'hello', before: 'helo' }]);
    localStorage.setItem(row, value);
    window.dispatchEvent(new StorageEvent('storage', { key: row, newValue: value }));
    expect(page.edits().map(({ text }) => text)).toEqual(['hello']);
    localStorage.removeItem(row);
    window.dispatchEvent(new StorageEvent('storage', { key: row, newValue: null }));
    expect(page.edits()).toEqual([]);
    page.stop();
  });

  it('waits for who logs out if something was changed, and goes with a guest', () => {
    const page = open();
    page.begin(3, 'helo');
    page.stop();
    forgetUntouchedEdits(alice._id);
    const again = open();
    expect(again.edits()).toEqual([]);
    again.begin(3, 'helo');
    again.write(3, 'hello');
    again.stop();
    forgetUntouchedEdits(alice._id);
    expect(open().edits()).toHaveLength(1);
    forgetEdits(alice._id);
    expect(open().edits()).toEqual([]);
  });

  it('goes on where the browser is full, which is said until it is kept again', () => {
    const page = open();
    page.begin(3, 'helo');
    const full = jest.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    page.write(3, 'hello');
    expect(page.edits()).toMatchObject([{ text: 'hello' }]);
    expect([...page.store.getState().unkept]).toEqual(['edits']);
    full.mockRestore();
    page.write(3, 'hello you');
    expect([...page.store.getState().unkept]).toEqual([]);
    page.stop();
  });
});
