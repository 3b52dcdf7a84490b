import { ownReactionsReceived } from '@sori/client';
import { alice, between, bob, changed, conversationId, said, timeOf, entryOf } from '@sori/client/testing';
import type { Entry, Message } from '@sori/contract';
import { createCache } from './cache';
import { createFakeClock, settle } from '../../testing/clock';
import { createMemoryCache } from './cacheStorage';
import { createAppStore } from '../../session/appStore';

const me = alice._id;
const others = Array.from({ length: 50 }, (_, index) => (index + 1).toString(16).padStart(24, '0'));

/** The message at seq 1, last changed at `seq`, as it is told to all: the first 50 of so many. */
const liked = (seq: number, count = 70, emojis = ['👍']): Message =>
  said(1, bob, {
    updatedAt: timeOf(seq),
    reactions: emojis.map((emoji) => ({ emoji, count, userIds: others })),
  });
/** The same in an answer to this person, who chose those. */
const answered = (seq: number, mine: string[], emojis = ['👍']): Message => ({
  ...liked(seq, 70, emojis),
  reactions: liked(seq, 70, emojis).reactions.map((one) =>
    mine.includes(one.emoji) ? { ...one, userIds: [...one.userIds, me] } : one,
  ),
});
const byOther = (seq: number, target: Message = liked(seq)): Entry => changed(seq, 'react', target);
const byMe = (seq: number, emojis: string[], target: Message = liked(seq)): Entry => ({
  ...changed(seq, 'edit', target),
  kind: 'react',
  senderId: me,
  targetSeq: 1,
  target,
  emojis,
});

const open = (first: Message) => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between({ headSeq: 1 })]);
  store.getState().pageAsked(conversationId, 'replace');
  store
    .getState()
    .pageCame(conversationId, 'replace', { messages: [first], hasOlder: false, hasNewer: false });
  store.getState().quoteFound(first._id, first);
  const mineIn = (message: Message | null | undefined) =>
    message?.reactions.filter(({ userIds }) => userIds.includes(me)).map(({ emoji }) => emoji);
  return {
    store,
    receive: (...entries: Entry[]) =>
      store.getState().entriesApplied(conversationId, ownReactionsReceived(entries, me)),
    /** What is shown as this person's own, in the message and where it is quoted: the same. */
    mine: () => {
      const { windows, quoted } = store.getState();
      const [shown, inQuote] = [windows[conversationId]?.messages[0], quoted[first._id]].map(mineIn);
      expect(inQuote).toEqual(shown);
      return shown;
    },
    count: () => store.getState().windows[conversationId]?.messages[0]?.reactions[0]?.count,
  };
};

describe('one’s own reaction to a message to which very many reacted', () => {
  it('stays while others go on to react, edit and pin, though they are not told of it', () => {
    const { receive, mine, count } = open(answered(1, ['👍']));
    receive(byOther(2, liked(2, 71)), changed(3, 'edit', liked(3, 71)), byOther(4, liked(4, 72)));
    expect(mine()).toEqual(['👍']);
    expect(count()).toBe(72);
  });

  it('is none where one did not react, whatever others do', () => {
    const { receive, mine } = open(answered(1, []));
    receive(byOther(2), byOther(3));
    expect(mine()).toEqual([]);
  });

  it('comes and goes with one’s own entries, from whatever device', () => {
    const { receive, mine } = open(answered(1, []));
    receive(byMe(2, ['👍']));
    expect(mine()).toEqual(['👍']);
    receive(byOther(3), byMe(4, []), byOther(5));
    expect(mine()).toEqual([]);
  });

  it('is what was chosen last in a page that tells the message once', () => {
    const now = liked(5, 70, ['👍', '🎉']);
    const { receive, mine } = open(answered(1, ['👍'], ['👍', '🎉']));
    receive(byMe(2, ['👍', '🎉'], now), byOther(3, now), byMe(4, ['🎉'], now), byOther(5, now));
    expect(mine()).toEqual(['🎉']);
  });

  it('is believed where everybody is named, whoever tells it', () => {
    const { receive, mine } = open(said(1));
    const both = said(1, bob, { reactions: [{ emoji: '👍', count: 2, userIds: [bob._id, me] }] });
    receive(changed(2, 'react', both));
    expect(mine()).toEqual(['👍']);
    receive(changed(3, 'react', said(1)));
    expect(mine()).toEqual([]);
  });

  it('is in a page that was on its way while others reacted', () => {
    const { store, receive, mine } = open(said(1));
    store.getState().pageAsked(conversationId, 'replace');
    receive(byOther(2));
    const page = { messages: [answered(1, ['👍'])], hasOlder: false, hasNewer: false };
    store.getState().pageCame(conversationId, 'replace', page);
    store.getState().quoteFound(said(1)._id, page.messages[0] ?? null);
    expect(mine()).toEqual(['👍']);
  });

  it('is kept on the device, also where the conversation is not open', async () => {
    const clock = createFakeClock();
    const store = createAppStore();
    const storage = await createMemoryCache()(me);
    let cursor = 1;
    const cache = createCache({
      store,
      clock,
      storage: Promise.resolve(storage),
      cursorOf: () => cursor,
      epoch: () => 'one',
      restored: () => undefined,
      late: () => undefined,
      stored: () => undefined,
    });
    store.getState().signedIn(alice);
    store.getState().conversationsReceived([between({ headSeq: 1 })]);
    const kept = async () => {
      clock.pass(1_000);
      await settle();
      return (await storage.messages(conversationId))?.messages[0]?.reactions[0];
    };
    cache.applied(conversationId, [entryOf(answered(1, ['👍']))]);
    expect((await kept())?.userIds).toContain(me);
    cursor = 3;
    cache.applied(conversationId, ownReactionsReceived([byOther(2), byOther(3, liked(3, 80))], me));
    expect(await kept()).toEqual({ emoji: '👍', count: 80, userIds: [...others, me] });
    cursor = 4;
    cache.applied(conversationId, ownReactionsReceived([byMe(4, [])], me));
    expect((await kept())?.userIds).not.toContain(me);
  });
});
