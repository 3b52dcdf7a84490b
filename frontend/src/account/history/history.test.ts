import { ApiError } from '@sori/client';
import { alice, conversationId, readUpTo, said, entryOf } from '@sori/client/testing';
import type { HistoryBound } from '../../api/conversations';
import { createAppStore } from '../../session/appStore';
import type { WindowPage } from '../../store/window';
import { settle } from '../../testing/clock';
import { createHistory } from './history';

const span = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => said(from + index));

/** The server's pages of a log of `head` messages. */
const pageOf = (head: number, bound: HistoryBound): WindowPage => {
  const [from, to] =
    'around' in bound
      ? [bound.around - 25, bound.around + 24]
      : 'after' in bound
        ? [bound.after + 1, bound.after + 50]
        : 'before' in bound
          ? [bound.before - 50, bound.before - 1]
          : [head - 49, head];
  const messages = span(Math.max(1, from), Math.min(head, to));
  return { messages, hasOlder: from > 1, hasNewer: to < head };
};

type Device = {
  read: number;
  head: number;
  kept?: WindowPage;
  isAway?: boolean;
  /** What was read in truth, as the server says; otherwise it says nothing new. */
  readElsewhere?: number;
};

const open = ({ read, head, kept, isAway = false, readElsewhere }: Device) => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([readUpTo(read, { headSeq: head, unread: head - read })]);
  const asked: HistoryBound[] = [];
  const connection = { isAway };
  const history = createHistory({
    store,
    fetchPage: (_id, bound) => {
      asked.push(bound);
      return connection.isAway
        ? Promise.reject(new ApiError('NO_ANSWER', 'The connection is away'))
        : Promise.resolve(pageOf(head, bound));
    },
    described: () => Promise.resolve(),
    describedSoon: async () => {
      await Promise.resolve();
      if (readElsewhere !== undefined)
        store
          .getState()
          .conversationsReceived([readUpTo(readElsewhere, { headSeq: head, unread: head - readElsewhere })]);
    },
    kept: () => Promise.resolve(kept ?? null),
    expect: () => undefined,
    endReached: (id) => store.getState().wasRead(id, head),
  });
  const close = history.open(conversationId);
  const window = () => store.getState().windows[conversationId];
  const shows = () => {
    const messages = window()?.messages ?? [];
    return [messages[0]?.seq, messages.at(-1)?.seq];
  };
  const unread = () => store.getState().conversations[conversationId]?.conversation.unread;
  return { store, history, close, asked, connection, window, shows, unread };
};
const endOf = (head: number, count: number): WindowPage => ({
  messages: span(head - count + 1, head),
  hasOlder: count < head,
  hasNewer: false,
});

describe('opening a conversation', () => {
  it.each([
    [300, 3_000],
    [0, 60],
    [2_999, 3_000],
  ])('begins where the reading ended at %i of %i, with what stands around it', async (read, head) => {
    const { asked, shows } = open({ read, head });
    await settle();
    expect(asked).toEqual([{ around: read + 1 }]);
    const [first = 0, last = 0] = shows();
    expect(first).toBeLessThanOrEqual(Math.max(1, read));
    expect(last).toBeGreaterThan(read);
  });

  it('begins at the end where nothing is unread', async () => {
    const { asked, shows } = open({ read: 300, head: 300 });
    await settle();
    expect(asked).toEqual([{}]);
    expect(shows()[1]).toBe(300);
  });

  it('takes what the device keeps where that reaches back far enough, and asks where it does not', async () => {
    const far = open({ read: 150, head: 300, kept: endOf(300, 200) });
    await settle();
    expect([far.asked, far.shows()]).toEqual([[], [101, 300]]);
    const near = open({ read: 150, head: 300, kept: endOf(300, 100) });
    await settle();
    expect(near.asked).toEqual([{ around: 151 }]);
  });

  it('does not begin at what was unread when the device kept it and is read by now', async () => {
    const kept = endOf(300, 200);
    const all = open({ read: 150, head: 300, kept, readElsewhere: 300 });
    await settle();
    expect(all.store.getState().dividers[conversationId]).toBeNull();
    const some = open({ read: 150, head: 300, kept, readElsewhere: 280 });
    await settle();
    expect(some.store.getState().dividers[conversationId]).toBe(280);
    const none = open({ read: 150, head: 300, kept });
    await settle();
    expect(none.store.getState().dividers[conversationId]).toBe(150);
    expect([all.shows(), some.shows(), none.shows()]).toEqual([1, 1, 1].map(() => [101, 300]));
  });

  it('shows the kept end rather than nothing without a connection, and counts nothing of it as read', async () => {
    const { shows, store } = open({ read: 150, head: 300, kept: endOf(300, 100), isAway: true });
    await settle();
    expect(shows()).toEqual([201, 300]);
    expect(store.getState().dividers[conversationId]).toBe(150);
  });

  it('goes back to where one was, whatever came meanwhile, unless that was the end', async () => {
    const { store, history, close, asked, shows } = open({ read: 300, head: 1_000 });
    await settle();
    store.getState().placeLeft(conversationId, { seq: 310, top: 5 });
    close();
    store.getState().entriesApplied(conversationId, [entryOf(said(1_001))]);
    const leave = history.open(conversationId);
    await settle();
    expect(asked).toHaveLength(1);
    expect(store.getState().windows[conversationId]?.place).toEqual({ seq: 310, top: 5 });
    const [first = 0, last = 0] = shows();
    expect(first).toBeLessThan(310);
    expect(last).toBeGreaterThan(310);
    history.show(conversationId);
    await settle();
    store.getState().placeLeft(conversationId, null);
    store.getState().wasRead(conversationId, 1_001);
    leave();
    history.open(conversationId);
    await settle();
    expect(shows()[1]).toBe(1_000);
  });

  it('does not show the end that is held when what came since reaches further back', async () => {
    const { store, history, close, asked } = open({ read: 100, head: 100 });
    await settle();
    close();
    store.getState().entriesApplied(conversationId, span(101, 400).map(entryOf));
    history.open(conversationId);
    expect(store.getState().windows[conversationId]?.loaded).toBe(false);
    await settle();
    expect(asked.at(-1)).toEqual({ around: 101 });
  });
});

describe('going to the end', () => {
  it('reads all when the end is there, and nothing before: without a connection it waits for it', async () => {
    const { history, connection, asked, window, shows, unread } = open({ read: 200, head: 400 });
    await settle();
    connection.isAway = true;
    history.toEnd(conversationId);
    expect(window()?.goesToEnd).toBe(true);
    await settle();
    expect(window()).toMatchObject({ goesToEnd: true, hasNewer: true, failed: { replace: {} } });
    expect([shows(), unread()]).toEqual([[176, 225], 200]);
    // What comes next would come above what was sent meanwhile.
    history.loadNewer(conversationId);
    expect(asked.at(-1)).toEqual({});
    connection.isAway = false;
    history.resume();
    // The second press of two.
    history.toEnd(conversationId);
    await settle();
    expect(asked).toHaveLength(3);
    expect(window()).toMatchObject({ goesToEnd: false, hasNewer: false });
    expect([shows(), unread()]).toEqual([[351, 400], 0]);
  });

  it('finds without a connection the end that the device keeps', async () => {
    for (const count of [100, 10]) {
      const kept = endOf(400, count);
      const { history, connection, window, shows, unread } = open({ read: 200, head: 400, kept });
      await settle();
      expect(shows()).toEqual([176, 225]);
      connection.isAway = true;
      history.toEnd(conversationId);
      await settle();
      expect([shows(), unread()]).toEqual([[401 - count, 400], 0]);
      expect(window()?.goesToEnd).toBe(false);
    }
  });

  it('while the first page is on its way shows the end, and not the first of what was unread', async () => {
    const { store, history, asked, shows, unread } = open({ read: 200, head: 400 });
    history.toEnd(conversationId);
    await settle();
    expect(asked).toEqual([{}]);
    expect([shows(), unread()]).toEqual([[351, 400], 0]);
    expect(store.getState().windows[conversationId]?.loading.replace).toBe(false);
  });

  it('is over for who jumps elsewhere instead', async () => {
    const { history, connection, window, unread } = open({ read: 200, head: 400 });
    await settle();
    connection.isAway = true;
    history.toEnd(conversationId);
    await settle();
    history.show(conversationId, 50);
    await settle();
    connection.isAway = false;
    history.resume();
    await settle();
    expect([window()?.goesToEnd, window()?.messages[0]?.seq, unread()]).toEqual([false, 176, 200]);
  });
});

describe('what was missed while the conversation is open', () => {
  it('begins below a divider, once, and what is told live does not', () => {
    const { store } = open({ read: 100, head: 100 });
    store.getState().attentionChanged(true);
    const divider = () => store.getState().dividers[conversationId];
    store.getState().entriesApplied(conversationId, [entryOf(said(101))]);
    expect(divider()).toBeNull();
    store.getState().wasRead(conversationId, 101);
    store.getState().entriesApplied(conversationId, span(102, 300).map(entryOf), true);
    expect(divider()).toBe(101);
    store.getState().entriesApplied(conversationId, span(301, 320).map(entryOf), true);
    expect(divider()).toBe(101);
  });
});

describe('what did not come while the connection was away', () => {
  it('is asked for again as soon as the connection is there: at either end, and the first page of all', async () => {
    const { history, connection, window, shows } = open({ read: 200, head: 400 });
    await settle();
    expect(shows()).toEqual([176, 225]);
    connection.isAway = true;
    history.loadNewer(conversationId);
    history.loadOlder(conversationId);
    await settle();
    expect(window()?.failed).toMatchObject({ older: { code: 'NO_ANSWER' }, newer: { code: 'NO_ANSWER' } });
    connection.isAway = false;
    history.resume();
    await settle();
    expect(shows()).toEqual([126, 275]);

    const first = open({ read: 200, head: 400, isAway: true });
    await settle();
    expect(first.window()).toMatchObject({ loaded: false, failed: { replace: { code: 'NO_ANSWER' } } });
    first.connection.isAway = false;
    first.history.resume();
    await settle();
    expect(first.asked.at(-1)).toEqual({ around: 201 });
    expect(first.shows()).toEqual([176, 225]);
  });

  it('is not asked for where nothing is missing, nor where it was refused', async () => {
    const { store, history, asked } = open({ read: 200, head: 400 });
    await settle();
    history.resume();
    store.getState().pageFailed(conversationId, 'newer', new ApiError('NOT_FOUND', 'It is gone'));
    history.resume();
    await settle();
    expect(asked).toHaveLength(1);
  });
});
