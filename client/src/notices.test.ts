import { alice, bob, conversationId, said, timeOf } from './testing/people.js';
import { noticesJoined, peopleIn, type Notice } from './notices.js';

const place = (seq: number) => ({ _id: said(seq)._id, conversationId, seq, at: timeOf(seq) });
const newer = (seq: number): Notice => ({ ...place(seq), kind: 'newer' });
const title = (seq: number, senderId = alice._id): Notice => ({
  ...place(seq),
  kind: 'title',
  senderId,
  name: 'Us',
});

describe('what a newer version says in a log', () => {
  it('is told once, and names nobody', () => {
    expect(noticesJoined([newer(2)], [newer(2), title(1)])).toEqual([title(1), newer(2)]);
    expect(peopleIn([newer(2), title(3, bob._id)])).toEqual([bob._id]);
  });

  it('gives way to what it is, where this version knows it, and never the other way round', () => {
    expect(noticesJoined([newer(1), newer(2)], [title(2)])).toEqual([newer(1), title(2)]);
    const held = [title(2)];
    expect(noticesJoined(held, [newer(2)])).toBe(held);
  });
});
