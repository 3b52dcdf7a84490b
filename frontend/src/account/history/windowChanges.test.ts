import { ApiError, type Notice } from '@sori/client';
import { alice, bob, changed, conversationId, said, timeOf } from '@sori/client/testing';
import type { Message } from '@sori/contract';
import fc from 'fast-check';
import { emptyWindow, type Window } from '../../store/window';
import {
  heldClosed,
  heldOpen,
  messageChanged,
  messagesReceived,
  noticesReceived,
  pageAsked,
  pageCame,
  pageFailed,
  windowClosed,
} from './windowChanges';

const seqs = ({ messages }: Window) => messages.map(({ seq }) => seq);
const span = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => said(from + index));
const opened = (messages: Message[], more: { hasOlder?: boolean; hasNewer?: boolean } = {}) =>
  pageCame(pageAsked(emptyWindow, 'replace'), 'replace', {
    messages,
    hasOlder: false,
    hasNewer: false,
    ...more,
  });
const edited = (seq: number, at: number) => {
  const entry = changed(at, 'edit', said(seq, bob, { message: `edited at ${at}` }));
  return entry.kind === 'edit' ? (entry.target ?? said(seq)) : said(seq);
};

describe('the stretch of history that is held', () => {
  it('has what was told while its first page was on its way', () => {
    const window = messagesReceived(pageAsked(emptyWindow, 'replace'), [said(4), said(5)]);
    const loaded = pageCame(window, 'replace', { messages: span(1, 4), hasOlder: false, hasNewer: false });
    expect(seqs(loaded)).toEqual([1, 2, 3, 4, 5]);
  });

  it('shows an edit that overtook the page it belongs to', () => {
    const asked = pageAsked(opened(span(10, 12), { hasOlder: true }), 'older');
    const window = messageChanged(asked, edited(5, 13));
    const loaded = pageCame(window, 'older', { messages: span(5, 9), hasOlder: false, hasNewer: false });
    expect(loaded.messages[0]?.message).toBe('edited at 13');
  });

  it('takes the state from the page where that is newer than what was told before', () => {
    const window = messageChanged(
      pageAsked(opened(span(10, 12), { hasOlder: true }), 'older'),
      edited(5, 13),
    );
    const page = [edited(5, 14), ...span(6, 9)];
    const loaded = pageCame(window, 'older', { messages: page, hasOlder: false, hasNewer: false });
    expect(loaded.messages[0]?.message).toBe('edited at 14');
    expect(messageChanged(loaded, edited(5, 13)).messages[0]?.message).toBe('edited at 14');
  });

  it('adds nothing live to a stretch that does not reach the end, and finds the way there', () => {
    const far = opened(span(20, 29), { hasOlder: true, hasNewer: true });
    const received = messagesReceived(far, [said(100)]);
    expect(seqs(received)).toEqual(seqs(far));
    const nearly = pageCame(pageAsked(received, 'newer'), 'newer', {
      messages: span(30, 99),
      hasOlder: true,
      hasNewer: false,
    });
    // The page was read before 100 was written: there is still more to fetch.
    expect(nearly.hasNewer).toBe(true);
    const there = pageCame(pageAsked(nearly, 'newer'), 'newer', {
      messages: [said(100)],
      hasOlder: true,
      hasNewer: false,
    });
    expect(there.hasNewer).toBe(false);
    expect(seqs(messagesReceived(there, [said(101)])).slice(-2)).toEqual([100, 101]);
  });

  it('stays bounded while a reader goes up, and while a day of talk goes by at the end', () => {
    let up = opened(span(9_951, 10_000), { hasOlder: true });
    for (let seq = 9_901; seq > 7_000; seq -= 50)
      up = pageCame(pageAsked(up, 'older'), 'older', {
        messages: span(seq, seq + 49),
        hasOlder: true,
        hasNewer: true,
      });
    expect(up.messages).toHaveLength(heldOpen);
    expect(up.hasNewer).toBe(true);
    let day = opened(span(1, 50));
    for (let seq = 51; seq <= 5_000; seq += 1) day = messagesReceived(day, [said(seq)], true);
    expect(day.messages.length).toBeLessThanOrEqual(heldOpen);
    expect(day.hasOlder).toBe(true);
    expect(seqs(day).at(-1)).toBe(5_000);
  });

  it('lets go of all but the end when it is closed, and of everything where it was in the middle', () => {
    const closed = windowClosed(opened(span(1, 500)));
    expect(closed?.messages).toHaveLength(heldClosed);
    expect(closed?.hasOlder).toBe(true);
    expect(windowClosed(opened(span(1, 50), { hasNewer: true }))).toBeNull();
  });

  it('keeps what lies around the place where the reader was when they looked elsewhere', () => {
    const there = { ...opened(span(101, 600), { hasOlder: true }), place: { seq: 300, top: 12 } };
    const closed = windowClosed(there);
    expect([seqs(closed ?? there)[0], seqs(closed ?? there).at(-1)]).toEqual([250, 349]);
    expect(closed).toMatchObject({ hasOlder: true, hasNewer: true, place: { seq: 300 } });
    const nearTheEnd = windowClosed({ ...there, place: { seq: 599, top: 0 } });
    expect(nearTheEnd).toMatchObject({ hasOlder: true, hasNewer: false });
  });

  it('stays bounded while a day of talk goes by below whoever reads further up, and lets none of what they read go', () => {
    let day = opened(span(1, 50));
    for (let seq = 51; seq <= 3_000; seq += 1) day = messagesReceived(day, [said(seq)], false);
    expect(day.messages).toHaveLength(heldOpen);
    expect([seqs(day)[0], day.hasNewer]).toEqual([1, true]);
  });

  it('says what went wrong with a page, and forgets it when it is asked again', () => {
    const error = new ApiError('UNAVAILABLE', 'away');
    const failed = pageFailed(pageAsked(opened(span(5, 9), { hasOlder: true }), 'older'), 'older', error);
    expect(failed.failed.older).toBe(error);
    expect(pageAsked(failed, 'older').failed.older).toBeNull();
  });

  it('ends with the same messages whichever way pages and live entries overtake each other', () => {
    const head = 30;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: head }),
        fc.integer({ min: 0, max: head }),
        fc.integer({ min: 1, max: 10 }),
        (known, readAt, size) => {
          // The follower had applied up to `known` when the page was asked; the server read it at `readAt` or later.
          const read = Math.max(known, readAt);
          const page = span(Math.max(1, read - size + 1), read);
          let window = pageAsked(emptyWindow, 'replace');
          const early = span(known + 1, Math.min(head, known + 5));
          window = messagesReceived(window, early);
          window = pageCame(window, 'replace', { messages: page, hasOlder: true, hasNewer: false });
          window = messagesReceived(window, span(known + 6, head));
          const from = page[0]?.seq ?? known + 1;
          expect(seqs(window)).toEqual(span(from, head).map(({ seq }) => seq));
        },
      ),
    );
  });
});

describe('what the log tells about a group itself', () => {
  const added = (seq: number): Notice => ({
    _id: seq.toString(16).padStart(24, '0'),
    conversationId,
    seq,
    at: timeOf(seq),
    kind: 'member',
    senderId: bob._id,
    change: 'added',
    userIds: [alice._id],
  });
  const noticeSeqs = ({ notices }: Window) => notices.map(({ seq }) => seq);
  const page = (
    messages: Message[],
    notices: Notice[],
    more: { hasOlder?: boolean; hasNewer?: boolean },
  ) => ({
    messages,
    notices,
    hasOlder: false,
    hasNewer: false,
    ...more,
  });

  it('comes with the pages of its stretch, each once', () => {
    const end = page([said(8), said(10)], [added(9), added(11)], { hasOlder: true });
    let window = pageCame(pageAsked(emptyWindow, 'replace'), 'replace', end);
    window = noticesReceived(window, [added(11), added(12)]);
    window = pageAsked(window, 'older');
    window = pageCame(window, 'older', page([said(2), said(5)], [added(3), added(7)], {}));
    expect(noticeSeqs(window)).toEqual([3, 7, 9, 11, 12]);
  });

  it('is not lost while the page it belongs to is on its way, nor added where the stretch does not reach', () => {
    const far = page([said(2)], [added(3)], { hasNewer: true });
    let window = pageCame(pageAsked(emptyWindow, 'replace'), 'replace', far);
    expect(noticeSeqs(noticesReceived(window, [added(30)]))).toEqual([3]);
    window = noticesReceived(pageAsked(window, 'replace'), [added(30)]);
    window = pageCame(window, 'replace', page([said(28)], [added(29)], { hasOlder: true }));
    expect(noticeSeqs(window)).toEqual([29, 30]);
  });

  it('goes with the messages around it when the stretch gets too long', () => {
    const notices = [added(1), added(heldClosed * 2 + 10)];
    const all = page(span(2, heldClosed * 2 + 9), notices, {});
    const window = pageCame(pageAsked(emptyWindow, 'replace'), 'replace', all);
    const closed = windowClosed(window);
    expect(closed?.messages).toHaveLength(heldClosed);
    expect(closed === null ? [] : noticeSeqs(closed)).toEqual([heldClosed * 2 + 10]);
  });
});
